/**
 * Convolution (cross-correlation, as in PyTorch) over one to three spatial axes, its two gradients, and with them
 * transposed convolution, which is the gradient with regard to the input. Kernels `UnetConv`, `UnetConvTranspose`,
 * `UnetConvFilter`.
 *
 * Weights are `[out, in / groups, ...kernel]`. For a transposed convolution the same tensor reads
 * `[in, out, ...kernel]`, PyTorch's layout for it.
 */
import type * as tf from '@tensorflow/tfjs';
import { convForward, convInputGradient, convFilterGradient } from './conv-lowering.js';
import { defineKernel, type Kernel, type WithLayout } from './kernel.js';
import { channelSums } from './channel-sums.js';
import type { Amounts } from './spatial.js';

/** Per-axis lists have one entry for each spatial axis. */
export interface ConvAttributes {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pad: Amounts;
  readonly groups: number;
}

export interface ConvTransposeAttributes extends ConvAttributes {
  /** Spatial sizes of the result; the convolution of a tensor with these sizes has the sizes of the operand. */
  readonly sizes: readonly number[];
}

export interface ConvFilterAttributes extends ConvAttributes {
  readonly kernel: readonly number[];
}

/** floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1. */
export function convSize(n: number, kernel: number, stride: number, dilation: number, pad: number): number {
  return Math.floor((n + pad - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Spatial sizes of a tensor in the given layout. */
function spatialSizes(x: tf.Tensor, layout: WithLayout<object>['layout']): number[] {
  return layout === 'channels-last' ? x.shape.slice(1, -1) : x.shape.slice(2);
}

const convKernel: Kernel<ConvAttributes> = defineKernel<ConvAttributes>({
  name: 'UnetConv',
  spatial: ['x'],
  saved: ['x', 'w'],
  lowered: ({ x, w, bias }, attributes) => convForward(x!, w!, bias, attributes),
  gradient: (dy, { x, w }, attributes) => ({
    x: () => transposeKernel.applyAs({ dy, w: w! }, { ...attributes, sizes: spatialSizes(x!, attributes.layout) }),
    w: () => filterKernel.applyAs({ x: x!, dy }, { ...attributes, kernel: w!.shape.slice(2) }),
    bias: () => channelSums(dy, attributes.layout),
  }),
});

const transposeKernel: Kernel<ConvTransposeAttributes> = defineKernel<ConvTransposeAttributes>({
  name: 'UnetConvTranspose',
  spatial: ['dy'],
  saved: ['dy', 'w'],
  lowered: ({ dy, w, bias }, attributes) => {
    const dx = convInputGradient(dy!, w!, attributes.sizes, attributes);
    return bias === undefined ? dx : dx.add(bias);
  },
  gradient: (dz, { dy, w }, attributes) => ({
    dy: () => convKernel.applyAs({ x: dz, w: w! }, attributes),
    w: () => filterKernel.applyAs({ x: dz, dy: dy! }, { ...attributes, kernel: w!.shape.slice(2) }),
    bias: () => channelSums(dz, attributes.layout),
  }),
});

/** Never differentiated: training does not need second derivatives. */
const filterKernel: Kernel<ConvFilterAttributes> = defineKernel<ConvFilterAttributes>({
  name: 'UnetConvFilter',
  spatial: ['x', 'dy'],
  saved: [],
  lowered: ({ x, dy }, attributes) => convFilterGradient(x!, dy!, attributes.kernel, attributes),
});

/** y[o] = sum_c w[o, c] * x[c] (+ bias[o]); `x` and the result in the current layout. */
export function conv(x: tf.Tensor, w: tf.Tensor, bias: tf.Tensor | undefined, attributes: ConvAttributes): tf.Tensor {
  return convKernel.apply(bias === undefined ? { x, w } : { x, w, bias }, attributes);
}

/**
 * The adjoint of a convolution, result of spatial size (n - 1) * stride - before - after + kernel. `w` is
 * `[in, out, ...kernel]`.
 */
export function transposedConv(
  x: tf.Tensor,
  w: tf.Tensor,
  bias: tf.Tensor | undefined,
  attributes: ConvTransposeAttributes,
): tf.Tensor {
  return transposeKernel.apply(bias === undefined ? { dy: x, w } : { dy: x, w, bias }, attributes);
}
