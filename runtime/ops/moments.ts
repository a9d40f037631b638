/**
 * Mean and unbiased variance of each channel over a batch, `[2, C]`: what a step adds to the running statistics of batch
 * norm. Kernel `UnetMoments`; it has no gradient, because running statistics have none.
 */
import * as tf from '@tensorflow/tfjs';
import { columnSums } from './column-sums.js';
import { defineKernel, type Kernel } from './kernel.js';
import { columnMoments } from './norm-loops.js';
import { computeTyped, hasTypedArrays } from './typed.js';

const kernel: Kernel<object> = defineKernel<object>({
  name: 'UnetMoments',
  spatial: ['x'],
  saved: [],
  lowered: ({ x }) => {
    const channels = x!.shape.at(-1)!;
    if (tf.getBackend() !== 'wasm' && hasTypedArrays()) return computeTyped([x!], [2, channels], columnMoments);
    return momentsOfColumns(x!.reshape([-1, channels]));
  },
});

/** The squares are of differences from the mean: sums of plain squares lose all digits where the mean is large. */
function momentsOfColumns(x: tf.Tensor): tf.Tensor {
  const [rows] = x.shape as [number];
  const mean = tf.div(columnSums(x), rows);
  const variance = tf.div(columnSums(tf.square(tf.sub(x, mean))), rows - 1);
  return tf.stack([mean, variance]);
}

/** `x` in the current layout. */
export function batchMoments(x: tf.Tensor): tf.Tensor {
  return kernel.apply({ x }, {});
}
