import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import { countedWeights } from './class-weights.js';
import type { Loss, Prediction } from './loss.js';
import { overlapTerm, pooled, targetSums } from './overlap-loss.js';

type GeneralizedDiceTerm = Extract<LossTerm, { readonly kind: 'generalized_dice' }>;

/**
 * The weight of each class by its number of voxels, `[rows, C]`. A class without voxels gets the largest weight of its
 * row, or 0 if no class has any; a class that is not counted gets 0.
 */
function volumeWeights(volumes: tf.Tensor, counted: tf.Tensor, { volume }: GeneralizedDiceTerm): tf.Tensor {
  if (volume === 'uniform') return tf.mul(tf.onesLike(volumes), counted);
  const isCounted = tf.cast(tf.greater(counted, 0), 'float32');
  const isPresent = tf.mul(tf.cast(tf.greater(volumes, 0), 'float32'), isCounted);
  // Volumes are whole numbers.
  const bounded = tf.maximum(volumes, 1);
  const inverse = tf.div(isPresent, volume === 'square' ? tf.square(bounded) : bounded);
  const largest = tf.max(inverse, 1, true);
  return tf.mul(tf.add(inverse, tf.mul(tf.sub(1, isPresent), largest)), counted);
}

/** The numerator and denominator of each row, `[rows, 1]`, and the weights of its classes, `[rows, C]`. */
function fraction(prediction: Prediction, term: GeneralizedDiceTerm) {
  const { smooth, over } = term;
  const counted = tf.tensor1d(countedWeights(prediction, term));
  const weights = volumeWeights(pooled(targetSums(prediction), over), counted, term);
  const weighted = (sums: tf.Tensor): tf.Tensor => tf.sum(tf.mul(pooled(sums, over), weights), 1, true);
  return {
    weights,
    numerator: tf.add(tf.mul(weighted(prediction.overlap.both), 2), smooth),
    denominator: tf.add(weighted(prediction.overlap.either), smooth),
  };
}

/**
 * Generalised Dice loss (Sudre et al. 2017): one fraction for all classes, 1 - the mean over cases of
 * (2 * sum_c w_c sum(p * t) + s) / (sum_c w_c (sum(p) + sum(t)) + s), with w_c = 1 / sum(t)^2 by default. The weights
 * are constants of the gradient. As in MONAI, a class without voxels gets the largest weight.
 */
export const generalizedDice: Loss<GeneralizedDiceTerm> = (prediction, term) =>
  overlapTerm(
    prediction,
    () => {
      const { numerator, denominator } = fraction(prediction, term);
      return tf.sub(1, tf.mean(tf.div(numerator, denominator)));
    },
    () => {
      const { numerator, denominator, weights } = fraction(prediction, term);
      const scaled = tf.div(weights, tf.mul(denominator, weights.shape[0]));
      return { a: tf.mul(scaled, -2), b: tf.div(tf.mul(scaled, numerator), denominator) };
    },
  );
