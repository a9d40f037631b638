import type * as tf from '@tensorflow/tfjs';
import { layout } from './layout.js';
import { conv } from './conv.js';
import { product } from './spatial.js';

/**
 * y[o, ...] = sum_c w[o, c] x[c, ...] (+ bias[o]) with any number of other axes; `w` is `[out, in]`. Computed as a
 * convolution with kernel 1 over all positions in a row.
 */
export function linear(x: tf.Tensor, w: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  const [out, inputs] = w.shape as [number, number];
  const last = layout() === 'channels-last' || x.rank === 2;
  const others = last ? x.shape.slice(1, -1) : x.shape.slice(2);
  const cases = x.shape[0];
  const positions = product(others);
  const row = x.reshape(layout() === 'channels-last' ? [cases, positions, inputs] : [cases, inputs, positions]);
  const y = conv(row, w.reshape([out, inputs, 1]), bias, { stride: [1], dilation: [1], pad: [[0, 0]], groups: 1 });
  return y.reshape(last ? [cases, ...others, out] : [cases, out, ...others]);
}
