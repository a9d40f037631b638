import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import type { Loss } from './loss.js';
import { entropyCount } from './loss-volumes.js';
import { rightAnswer } from './right-answer.js';
import { voxelMean } from './voxel-weights.js';

/**
 * Cross entropy: the mean over voxels of -log p(class), with the gradient (p - t) / voxels; for regions, the mean over
 * voxels and regions of the binary form. With class weights, the sum of w(class) -log p(class) is divided by that of
 * w(class), as PyTorch does; ignored voxels weigh 0.
 */
export const crossEntropy: Loss<Extract<LossTerm, { readonly kind: 'cross_entropy' }>> = (prediction, { weights }) => {
  const { kind, probabilities, overlap, target, mask } = prediction;
  const gradient = (): tf.Tensor => {
    const { weighted, count } = voxelMean(prediction, weights);
    return tf.div(weighted(tf.sub(probabilities, target)), count);
  };
  if (weights !== null || mask !== undefined) {
    const value = (): tf.Tensor => {
      const { weighted, count } = voxelMean(prediction, weights);
      return tf.neg(tf.div(tf.sum(weighted(rightAnswer(prediction).log)), count));
    };
    return { value, gradient };
  }
  const k = 1 / entropyCount(probabilities, kind);
  return {
    value: () => prediction.crossEntropy(),
    gradient,
    slopes: () => ({ a: tf.zerosLike(overlap.both), b: tf.zerosLike(overlap.both), k: tf.scalar(k) }),
  };
};
