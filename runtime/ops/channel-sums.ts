import * as tf from '@tensorflow/tfjs';
import type { Layout } from './layout.js';
import { columnSums } from './column-sums.js';

/** Sum over batch and spatial axes, per channel: `[C]`. The gradient of a bias. */
export function channelSums(x: tf.Tensor, layout: Layout): tf.Tensor {
  if (layout === 'channels-last') return columnSums(x.reshape([-1, x.shape.at(-1)!]));
  return tf.sum(x, [0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2)]);
}
