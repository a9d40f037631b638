import * as tf from '@tensorflow/tfjs';
import type { LabelWeight } from '../../contract/protocol.js';
import { physicalAxis } from '../ops/layout.js';
import { labelWeights } from './class-weights.js';
import type { Prediction } from './loss.js';
import { alongChannels, entropyCount } from './loss-volumes.js';

/**
 * The weight of each voxel in a mean over voxels: that of its class, 0 if it is ignored; for regions, of each voxel and
 * region. Undefined if all weigh 1.
 */
function voxelWeights(prediction: Prediction, weights: readonly LabelWeight[] | null): tf.Tensor | undefined {
  const { kind, labels, target, mask } = prediction;
  if (weights === null) return mask;
  const ofLabels = alongChannels(tf.tensor2d([labelWeights(labels, weights)]), target.rank);
  if (kind === 'classes') return tf.sum(tf.mul(target, ofLabels), physicalAxis(1, target.rank), true);
  return tf.mul(ofLabels, mask ?? tf.onesLike(target));
}

/** A mean over voxels, and for regions over voxels and regions. */
export interface VoxelMean {
  /** Each voxel times its weight. */
  readonly weighted: (values: tf.Tensor) => tf.Tensor;
  /** What the sum is divided by: the weights of all voxels. */
  readonly count: number | tf.Tensor;
}

/** The mean over the voxels that are not ignored, weighted by class as PyTorch's cross entropy is. */
export function voxelMean(prediction: Prediction, weights: readonly LabelWeight[] | null): VoxelMean {
  const { probabilities, kind } = prediction;
  const voxels = voxelWeights(prediction, weights);
  if (voxels === undefined) return { weighted: (values) => values, count: entropyCount(probabilities, kind) };
  const regions = kind === 'regions' && voxels.size < probabilities.size ? prediction.labels.length : 1;
  // If all voxels are ignored, the mean is 0.
  return { weighted: (values) => tf.mul(values, voxels), count: tf.maximum(tf.mul(tf.sum(voxels), regions), 1e-12) };
}
