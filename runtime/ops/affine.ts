/** y = x * factor + offset with one factor and one offset per channel. Kernel `UnetAffine`. */
import * as tf from '@tensorflow/tfjs';
import { channelSums } from './channel-sums.js';
import { defineKernel, type Kernel } from './kernel.js';
import { affineOnWasm } from './norm-wasm.js';
import { computeTyped, hasTypedArrays } from './typed.js';

const kernel: Kernel<object> = defineKernel<object>({
  name: 'UnetAffine',
  spatial: ['x'],
  saved: ['x', 'factor'],
  lowered: ({ x, factor, offset }) => {
    if (tf.getBackend() === 'wasm') return affineOnWasm(x!, factor!, offset!);
    if (hasTypedArrays()) return computeTyped([x!, factor!, offset!], x!.shape, affineByLoops);
    return tf.add(tf.mul(x!, factor!), offset!);
  },
  gradient: (dy, { x, factor }, attributes) => ({
    x: () => kernel.applyAs({ x: dy, factor: factor!, offset: tf.zerosLike(factor!) }, attributes),
    factor: () => channelSums(tf.mul(dy, x!), attributes.layout),
    offset: () => channelSums(dy, attributes.layout),
  }),
});

function affineByLoops(y: Float32Array, x: Float32Array, factor: Float32Array, offset: Float32Array): void {
  const channels = factor.length;
  for (let i = 0; i < x.length; i += channels) {
    for (let c = 0; c < channels; c++) y[i + c] = x[i + c]! * factor[c]! + offset[c]!;
  }
}

/** `x` in the current layout; `factor` and `offset` `[C]`. */
export function affine(x: tf.Tensor, factor: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  return kernel.apply({ x, factor, offset }, {});
}
