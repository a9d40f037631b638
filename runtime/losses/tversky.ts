import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import { meanWeights } from './class-weights.js';
import type { Loss, Prediction } from './loss.js';
import { overlapTerm, pooled, targetSums } from './overlap-loss.js';

type TverskyTerm = Extract<LossTerm, { readonly kind: 'tversky' }>;

/** TP + s, TP + alpha FP + beta FN + s, and the weights of the mean. */
function tverskyParts(prediction: Prediction, term: TverskyTerm) {
  const { alpha, beta, smooth, over } = term;
  const both = pooled(prediction.overlap.both, over);
  const ofTarget = pooled(targetSums(prediction), over);
  const predicted = tf.sub(pooled(prediction.overlap.either, over), ofTarget);
  const wrong = tf.add(tf.mul(tf.sub(predicted, both), alpha), tf.mul(tf.sub(ofTarget, both), beta));
  const numerator = tf.add(both, smooth);
  return { numerator, denominator: tf.add(numerator, wrong), weights: meanWeights(prediction, term, both.shape[0]) };
}

/**
 * Tversky loss (Salehi et al. 2017): 1 - mean over classes and cases of (TP + s) / (TP + alpha FP + beta FN + s), with
 * TP = sum(p * t), FP = sum(p) - TP and FN = sum(t) - TP. `alpha` weighs false positives, as in MONAI.
 */
export const tversky: Loss<TverskyTerm> = (prediction, term) =>
  overlapTerm(
    prediction,
    () => {
      const { numerator, denominator, weights } = tverskyParts(prediction, term);
      return tf.sub(1, tf.sum(tf.mul(weights, tf.div(numerator, denominator))));
    },
    () => {
      const { numerator, denominator, weights } = tverskyParts(prediction, term);
      const scaled = tf.div(weights, denominator);
      const quotient = tf.div(tf.mul(scaled, numerator), denominator);
      const { alpha, beta } = term;
      return { a: tf.sub(tf.mul(quotient, 1 - alpha - beta), scaled), b: tf.mul(quotient, alpha) };
    },
  );
