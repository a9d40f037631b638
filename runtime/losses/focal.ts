import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import { physicalAxis } from '../ops/layout.js';
import type { Loss, Prediction } from './loss.js';
import { entropyCount, shifted } from './loss-volumes.js';

type FocalTerm = Extract<LossTerm, { readonly kind: 'focal' }>;

/** The probability of the correct answer at each voxel (and region): p, 1 - p and log p. */
interface RightAnswer {
  readonly probability: tf.Tensor;
  readonly rest: tf.Tensor;
  readonly log: tf.Tensor;
}

/** Below this, powers in float32 are inaccurate; the factor they are multiplied with is 0. */
const tiny = 1e-30;

/**
 * For classes `[N, 1, ...spatial]`. 1 - p is computed as a sum rather than a difference from 1, and the logarithm not
 * from a small number.
 */
function rightClass({ logits, probabilities }: Prediction, target: tf.Tensor): RightAnswer {
  const channels = physicalAxis(1, logits.rank);
  const over = (x: tf.Tensor): tf.Tensor => tf.sum(x, channels, true);
  // The largest probability of a voxel is 1 / sum_c exp(x_c - max x).
  const largest = tf.max(probabilities, channels, true);
  return {
    probability: over(tf.mul(probabilities, target)),
    rest: over(tf.mul(probabilities, tf.sub(1, target))),
    log: tf.add(over(tf.mul(shifted(logits), target)), tf.log(largest)),
  };
}

/** For regions `[N, C, ...spatial]`: with x negated outside the region, log p = min(x, 0) - log(1 + exp(-|x|)). */
function rightRegion({ logits, probabilities }: Prediction, target: tf.Tensor): RightAnswer {
  const against = tf.mul(logits, tf.sub(1, tf.mul(target, 2)));
  const rest = tf.sigmoid(against);
  const tail = tf.log(tf.maximum(probabilities, tf.sub(1, probabilities)));
  return { probability: tf.sub(1, rest), rest, log: tf.sub(tail, tf.relu(against)) };
}

function rightAnswer(prediction: Prediction, target: tf.Tensor): RightAnswer {
  return prediction.kind === 'classes' ? rightClass(prediction, target) : rightRegion(prediction, target);
}

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
 * -alpha_t (1 - p_t)^gamma log p_t, where p_t is the probability of the right class; for regions, over voxels and
 * regions, with p_t = p inside a region and 1 - p outside. With `gamma: 0` and no alpha it is the cross entropy.
 *
 * Its gradient by the logits is s (t - p) / voxels with s = alpha_t (gamma p_t (1 - p_t)^(gamma - 1) log p_t -
 * (1 - p_t)^gamma).
 */
export const focal: Loss<FocalTerm> = (prediction, target, { gamma, alpha }) => {
  const count = entropyCount(prediction.probabilities, prediction.kind);
  return {
    value: () => {
      const { rest, log } = rightAnswer(prediction, target);
      const each = tf.mul(tf.pow(tf.maximum(rest, tiny), gamma), log);
      return tf.neg(tf.div(tf.sum(tf.mul(each, balance(prediction, target, alpha))), count));
    },
    gradient: () => {
      const { probability, rest, log } = rightAnswer(prediction, target);
      const bounded = tf.maximum(rest, tiny);
      const steep = tf.mul(tf.mul(probability, gamma), tf.mul(tf.pow(bounded, gamma - 1), log));
      const slope = tf.mul(tf.sub(steep, tf.pow(bounded, gamma)), balance(prediction, target, alpha));
      return tf.div(tf.mul(slope, tf.sub(target, prediction.probabilities)), count);
    },
  };
};
