/**
 * Depthwise convolution: one filter per channel, weights `[C, 1, ...kernel]`. Kernels `UnetDepthwiseConv`,
 * `UnetDepthwiseConvInput`, `UnetDepthwiseConvFilter`.
 */
import * as tf from '@tensorflow/tfjs';
import { channelSums } from './channel-sums.js';
import {
  depthwiseFilterGradient,
  depthwiseForward,
  depthwiseInputGradient,
  type DepthwiseGeometry,
} from './depthwise-lowering.js';
import { defineKernel, type Kernel } from './kernel.js';

/** Per-axis lists have one entry for each spatial axis. */
export type DepthwiseConvAttributes = DepthwiseGeometry;

const forwardKernel: Kernel<DepthwiseConvAttributes> = defineKernel<DepthwiseConvAttributes>({
  name: 'UnetDepthwiseConv',
  spatial: ['x'],
  saved: ['x', 'w'],
  lowered: ({ x, w, bias }, attributes) => {
    const y = depthwiseForward(x!, w!, attributes);
    return bias === undefined ? y : tf.add(y, bias);
  },
  gradient: (dy, { x, w }, attributes) => {
    const sizes = attributes.layout === 'channels-last' ? x!.shape.slice(1, -1) : x!.shape.slice(2);
    return {
      x: () => inputKernel.applyAs({ dy, w: w! }, { ...attributes, sizes }),
      w: () => filterKernel.applyAs({ x: x!, dy }, { ...attributes, kernel: w!.shape.slice(2) }),
      bias: () => channelSums(dy, attributes.layout),
    };
  },
});

const inputKernel: Kernel<DepthwiseConvAttributes & { readonly sizes: readonly number[] }> = defineKernel({
  name: 'UnetDepthwiseConvInput',
  spatial: ['dy'],
  saved: [],
  lowered: ({ dy, w }, attributes) => depthwiseInputGradient(dy!, w!, attributes.sizes, attributes),
});

const filterKernel: Kernel<DepthwiseConvAttributes & { readonly kernel: readonly number[] }> = defineKernel({
  name: 'UnetDepthwiseConvFilter',
  spatial: ['x', 'dy'],
  saved: [],
  lowered: ({ x, dy }, attributes) => depthwiseFilterGradient(x!, dy!, attributes.kernel, attributes),
});

/** y[c] = w[c] * x[c] (+ bias[c]); `x` and the result in the current layout. */
export function depthwiseConv(
  x: tf.Tensor,
  w: tf.Tensor,
  bias: tf.Tensor | undefined,
  attributes: DepthwiseConvAttributes,
): tf.Tensor {
  return forwardKernel.apply(bias === undefined ? { x, w } : { x, w, bias }, attributes);
}
