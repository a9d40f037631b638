/** What losses of overlap have in common: they depend on a volume only through sums over its voxels. */
import * as tf from '@tensorflow/tfjs';
import type { Prediction, TermValue } from './loss.js';
import { alongChannels, spatialAxes, throughProbabilities, type LossSlopes } from './loss-volumes.js';

export type Over = 'case' | 'batch';

/** Sums `[N, C]` of each case, or `[1, C]` of the batch. */
export function pooled(sums: tf.Tensor, over: Over): tf.Tensor {
  return over === 'case' ? sums : tf.sum(sums, 0, true);
}

/** sum(t) over the voxels of each case, `[N, C]`. */
export function targetSums({ target }: Prediction): tf.Tensor {
  return tf.sum(target, spatialAxes(target.rank));
}

/** Slopes for each case, `[N, C]`, of those for the batch, `[1, C]`. */
function perCase(slopes: tf.Tensor, cases: number): tf.Tensor {
  return slopes.shape[0] === cases ? slopes : tf.mul(slopes, tf.ones([cases, 1]));
}

/** A term whose gradient by the probabilities is a t + b with `a` and `b` of shape `[N, C]` or `[1, C]`. */
export function overlapTerm(
  prediction: Prediction,
  value: () => tf.Tensor,
  coefficients: () => { readonly a: tf.Tensor; readonly b: tf.Tensor },
): TermValue {
  const { probabilities, target, kind } = prediction;
  const slopes = (): LossSlopes => {
    const { a, b } = coefficients();
    const cases = probabilities.shape[0];
    return { a: perCase(a, cases), b: perCase(b, cases), k: tf.scalar(0) };
  };
  return {
    value,
    gradient: () => {
      const { a, b } = slopes();
      const slope = tf.add(tf.mul(alongChannels(a, target.rank), target), alongChannels(b, target.rank));
      return throughProbabilities(slope, probabilities, kind);
    },
    slopes,
  };
}
