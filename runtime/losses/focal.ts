import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import { physicalAxis } from '../ops/layout.js';
import type { Loss, Prediction } from './loss.js';
import { rightAnswer } from './right-answer.js';
import { voxelMean } from './voxel-weights.js';

type FocalTerm = Extract<LossTerm, { readonly kind: 'focal' }>;

/** Below this, powers in float32 are inaccurate; the factor they are multiplied with is 0. */
const tiny = 1e-30;

/** alpha for positives, 1 - alpha for negatives (the background, or a voxel outside a region); 1 without alpha. */
function balance({ kind }: Prediction, target: tf.Tensor, alpha: number | null): tf.Tensor {
  if (alpha === null) return tf.scalar(1);
  const isYes = kind === 'regions' ? target : tf.sub(1, backgroundOf(target));
  return tf.add(tf.mul(isYes, 2 * alpha - 1), 1 - alpha);
}

/** Class 0 of a target, `[N, 1, ...spatial]`. */
function backgroundOf(target: tf.Tensor): tf.Tensor {
  const channels = physicalAxis(1, target.rank);
  const size = target.shape.map((extent, axis) => (axis === channels ? 1 : extent));
  return tf.slice(target, new Array<number>(target.rank).fill(0), size);
}

/**
 * Focal loss (Lin et al. 2017, "Focal Loss for Dense Object Detection"): the mean over voxels of
 * -alpha_t (1 - p_t)^gamma log p_t, weighted by class as the cross entropy is, where p_t is the probability of the
 * right class; for regions, over voxels and
 * regions, with p_t = p inside a region and 1 - p outside. With `gamma: 0` and no alpha it is the cross entropy.
 *
 * Its gradient by the logits is s (t - p) / voxels with s = alpha_t (gamma p_t (1 - p_t)^(gamma - 1) log p_t -
 * (1 - p_t)^gamma).
 */
export const focal: Loss<FocalTerm> = (prediction, { gamma, alpha, weights }) => {
  const { probabilities, target } = prediction;
  return {
    value: () => {
      const { weighted, count } = voxelMean(prediction, weights);
      const { rest, log } = rightAnswer(prediction);
      const each = tf.mul(tf.pow(tf.maximum(rest, tiny), gamma), log);
      return tf.neg(tf.div(tf.sum(weighted(tf.mul(each, balance(prediction, target, alpha)))), count));
    },
    gradient: () => {
      const { weighted, count } = voxelMean(prediction, weights);
      const { probability, rest, log } = rightAnswer(prediction);
      const bounded = tf.maximum(rest, tiny);
      const steep = tf.mul(tf.mul(probability, gamma), tf.mul(tf.pow(bounded, gamma - 1), log));
      const slope = tf.mul(tf.sub(steep, tf.pow(bounded, gamma)), balance(prediction, target, alpha));
      return tf.div(weighted(tf.mul(slope, tf.sub(target, probabilities))), count);
    },
  };
};
