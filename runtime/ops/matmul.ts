/**
 * Batched matrix product whose gradients are as fast as the product: those of tfjs use transposed operands, which the
 * wasm backend multiplies at a tenth of the speed. Kernel `UnetMatMul`.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type Kernel } from './kernel.js';
import { multiply } from './multiply.js';
import { permute } from './permute.js';

/** For fewer multiply-adds per matrix, the backend's own batched product is faster. */
const WORTH_SPLITTING = 20_000;

const kernel: Kernel<object> = defineKernel<object>({
  name: 'UnetMatMul',
  spatial: [],
  saved: ['a', 'b'],
  lowered: ({ a, b }) => product(a!, b!),
  gradient: (dy, { a, b }, attributes) => ({
    a: () => kernel.applyAs({ a: dy, b: permute(b!, [0, 2, 1]) }, attributes),
    b: () => kernel.applyAs({ a: permute(a!, [0, 2, 1]), b: dy }, attributes),
  }),
});

/** `a` `[B, M, K]` times `b` `[B, K, N]` is `[B, M, N]`. */
export function matMul(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return kernel.applyAs({ a, b }, { layout: 'channels-last' });
}

function product(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [batch, m, k] = a.shape as [number, number, number];
  const n = b.shape[2]!;
  if (batch === 1) return multiply(a.reshape([m, k]), b.reshape([k, n])).reshape([1, m, n]);
  if (tf.getBackend() !== 'wasm' || m * k * n < WORTH_SPLITTING) return tf.matMul(a, b);
  const lefts = tf.unstack(a, 0);
  const rights = tf.unstack(b, 0);
  return tf.stack(lefts.map((left, i) => multiply(left, rights[i]!)));
}
