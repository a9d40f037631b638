import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import type { Loss } from './loss.js';
import { entropyCount } from './loss-volumes.js';

/**
 * Cross entropy: the mean over voxels of -log p(class), with the gradient (p - t) / voxels; for regions, the mean over
 * voxels and regions of the binary form.
 */
export const crossEntropy: Loss<Extract<LossTerm, { readonly kind: 'cross_entropy' }>> = (prediction, target) => {
  const { kind, probabilities, overlap } = prediction;
  const count = entropyCount(probabilities, kind);
  return {
    value: () => prediction.crossEntropy(),
    gradient: () => tf.div(tf.sub(probabilities, target), count),
    slopes: () => ({ a: tf.zerosLike(overlap.both), b: tf.zerosLike(overlap.both), k: tf.scalar(1 / count) }),
  };
};
