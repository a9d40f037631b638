import * as tf from '@tensorflow/tfjs';
import { physicalAxis } from '../ops/layout.js';
import type { Prediction } from './loss.js';
import { shifted } from './loss-volumes.js';

/** The probability of the correct answer at each voxel (and region): p, 1 - p and log p. */
export interface RightAnswer {
  readonly probability: tf.Tensor;
  readonly rest: tf.Tensor;
  readonly log: tf.Tensor;
}

/**
 * For classes `[N, 1, ...spatial]`. 1 - p is computed as a sum rather than a difference from 1, and the logarithm not
 * from a small number.
 */
function rightClass({ logits, probabilities, target, mask }: Prediction): RightAnswer {
  const channels = physicalAxis(1, logits.rank);
  const over = (x: tf.Tensor): tf.Tensor => tf.sum(x, channels, true);
  // The largest probability of a voxel is 1 / sum_c exp(x_c - max x); those of an ignored voxel are 0.
  const found = tf.max(probabilities, channels, true);
  const largest = mask === undefined ? found : tf.add(found, tf.sub(1, mask));
  return {
    probability: over(tf.mul(probabilities, target)),
    rest: over(tf.mul(probabilities, tf.sub(1, target))),
    log: tf.add(over(tf.mul(shifted(logits), target)), tf.log(largest)),
  };
}

/** For regions `[N, C, ...spatial]`: with x negated outside the region, log p = min(x, 0) - log(1 + exp(-|x|)). */
function rightRegion({ logits, probabilities, target }: Prediction): RightAnswer {
  const against = tf.mul(logits, tf.sub(1, tf.mul(target, 2)));
  const rest = tf.sigmoid(against);
  const tail = tf.log(tf.maximum(probabilities, tf.sub(1, probabilities)));
  return { probability: tf.sub(1, rest), rest, log: tf.sub(tail, tf.relu(against)) };
}

export function rightAnswer(prediction: Prediction): RightAnswer {
  return prediction.kind === 'classes' ? rightClass(prediction) : rightRegion(prediction);
}
