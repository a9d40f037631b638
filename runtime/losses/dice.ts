import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import { meanWeights } from './class-weights.js';
import type { Loss, Prediction, TermValue } from './loss.js';
import { alongChannels, spatialAxes, throughProbabilities } from './loss-volumes.js';
import { overlapTerm, pooled, targetSums } from './overlap-loss.js';

type DiceTerm = Extract<LossTerm, { readonly kind: 'dice' }>;

/** sum(p) + sum(t), or sum(p^2) + sum(t), `[N, C]`. */
function denominators(prediction: Prediction, { denominator }: DiceTerm): tf.Tensor {
  const { probabilities, overlap } = prediction;
  if (denominator === 'sums') return overlap.either;
  return tf.add(tf.sum(tf.square(probabilities), spatialAxes(probabilities.rank)), targetSums(prediction));
}

/** 2 * sum(p * t) + smooth, its denominator, and the weights of the mean, each `[N, C]` or `[1, C]`. */
function diceParts(prediction: Prediction, term: DiceTerm) {
  const both = pooled(prediction.overlap.both, term.over);
  const numerator = tf.add(tf.mul(both, 2), term.smooth);
  const denominator = tf.add(pooled(denominators(prediction, term), term.over), term.smooth);
  return { numerator, denominator, weights: meanWeights(prediction, term, both.shape[0]) };
}

/** dL/dp = a t + b, with b times 2 p for squares: a = -2 w / denominator and b = w numerator / denominator^2. */
function coefficients(prediction: Prediction, term: DiceTerm) {
  const { numerator, denominator, weights } = diceParts(prediction, term);
  const scaled = tf.div(weights, denominator);
  return { a: tf.mul(scaled, -2), b: tf.div(tf.mul(scaled, numerator), denominator) };
}

/**
 * Soft Dice loss: 1 - mean over classes and cases of (2 * sum(p * t) + s) / (sum(p) + sum(t) + s), with sums over the
 * voxels of one case, or of the batch (`over`); for one case that of the DALight-3D release. With `denominator:
 * squares`, sum(p^2) replaces sum(p) (Milletari et al. 2016). `classes: foreground` leaves class 0 out; regions have no
 * background. With `weights`, the mean is a weighted one.
 */
export const dice: Loss<DiceTerm> = (prediction, term) => {
  const value = (): tf.Tensor => {
    const { numerator, denominator, weights } = diceParts(prediction, term);
    return tf.sub(1, tf.sum(tf.mul(weights, tf.div(numerator, denominator))));
  };
  const overlap = overlapTerm(prediction, value, () => coefficients(prediction, term));
  return term.denominator === 'sums' ? overlap : { value, gradient: squaredGradient(prediction, term) };
};

function squaredGradient(prediction: Prediction, term: DiceTerm): TermValue['gradient'] {
  return () => {
    const { probabilities, target, kind } = prediction;
    const { a, b } = coefficients(prediction, term);
    const ofTarget = tf.mul(alongChannels(a, target.rank), target);
    const slope = tf.add(ofTarget, tf.mul(alongChannels(b, target.rank), tf.mul(probabilities, 2)));
    return throughProbabilities(slope, probabilities, kind);
  };
}
