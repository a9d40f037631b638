/**
 * Group, instance, layer and batch normalisation, y = (x - mean) / sqrt(variance + epsilon) * gamma + beta with the
 * biased variance, as PyTorch's group_norm, layer_norm and batch_norm in training (Wu and He 2018; Ulyanov et al. 2016; Ba
 * et al. 2016; Ioffe and Szegedy 2015). Kernels `UnetNorm`, `UnetNormInput`, `UnetNormScale`.
 */
import * as tf from '@tensorflow/tfjs';
import { channelSums } from './channel-sums.js';
import { defineKernel, type Kernel } from './kernel.js';
import { normalize, normalizeInputGradient, normalizeScaleGradient, type Sets } from './norm-loops.js';
import { normalizeInputGradientOnWasm, normalizeOnWasm, normalizeScaleGradientOnWasm } from './norm-wasm.js';
import { computeTyped, hasTypedArrays } from './typed.js';

export interface NormAttributes {
  /** Groups of channels. */
  readonly groups: number;
  /** What shares statistics: a position alone (layer norm), those of a case (group norm), or of the whole batch. */
  readonly across: 'position' | 'case' | 'batch';
  readonly epsilon: number;
}

function setsOf(x: tf.Tensor, { groups, across }: NormAttributes): Sets {
  const channels = x.shape.at(-1)!;
  const positions = across === 'position' ? 1 : x.size / (x.shape[0] * channels);
  return { total: x.size, channels, positions, width: channels / groups };
}

/** Which formulation is fastest where. */
function wayFor({ across }: NormAttributes): 'wasm' | 'loops' | 'composed' {
  if (tf.getBackend() === 'wasm' && across !== 'position') return 'wasm';
  return hasTypedArrays() ? 'loops' : 'composed';
}

const normKernel: Kernel<NormAttributes> = defineKernel<NormAttributes>({
  name: 'UnetNorm',
  spatial: ['x'],
  saved: ['x', 'gamma'],
  lowered: ({ x, gamma, beta }, attributes) =>
    forward(casesOf(x!, attributes), gamma!, beta!, attributes).reshape(x!.shape),
  gradient: (dy, { x, gamma }, attributes) => ({
    x: () => inputKernel.applyAs({ dy, x: x!, gamma: gamma! }, attributes),
    gamma: () => scaleKernel.applyAs({ dy, x: x! }, attributes),
    beta: () => channelSums(dy, attributes.layout),
  }),
});

const inputKernel: Kernel<NormAttributes> = defineKernel<NormAttributes>({
  name: 'UnetNormInput',
  spatial: ['dy', 'x'],
  saved: [],
  lowered: ({ dy, x, gamma }, attributes) =>
    inputGradient(casesOf(dy!, attributes), casesOf(x!, attributes), gamma!, attributes).reshape(x!.shape),
});

const scaleKernel: Kernel<NormAttributes> = defineKernel<NormAttributes>({
  name: 'UnetNormScale',
  spatial: ['dy', 'x'],
  saved: [],
  lowered: ({ dy, x }, attributes) => scaleGradient(casesOf(dy!, attributes), casesOf(x!, attributes), attributes),
});

/** A batch whose cases share statistics as a single case: their positions follow each other in memory. */
function casesOf(x: tf.Tensor, { across }: NormAttributes): tf.Tensor {
  return across === 'batch' ? x.reshape([1, -1, x.shape.at(-1)!]) : x;
}

function forward(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, attributes: NormAttributes): tf.Tensor {
  const sets = setsOf(x, attributes);
  const { epsilon } = attributes;
  switch (wayFor(attributes)) {
    case 'wasm':
      return normalizeOnWasm(x, gamma, beta, sets, epsilon);
    case 'loops':
      return computeTyped([x, gamma, beta], x.shape, (y, a, b, c) => normalize(y, a, b, c, sets, epsilon));
    case 'composed':
      return composedNorm.forward(x, gamma, beta, attributes);
  }
}

function inputGradient(dy: tf.Tensor, x: tf.Tensor, gamma: tf.Tensor, attributes: NormAttributes): tf.Tensor {
  const sets = setsOf(x, attributes);
  const { epsilon } = attributes;
  switch (wayFor(attributes)) {
    case 'wasm':
      return normalizeInputGradientOnWasm(dy, x, gamma, sets, epsilon);
    case 'loops':
      return computeTyped([dy, x, gamma], x.shape, (dx, a, b, c) => normalizeInputGradient(dx, a, b, c, sets, epsilon));
    case 'composed':
      return composedNorm.inputGradient(dy, x, gamma, attributes);
  }
}

function scaleGradient(dy: tf.Tensor, x: tf.Tensor, attributes: NormAttributes): tf.Tensor {
  const sets = setsOf(x, attributes);
  const { epsilon } = attributes;
  switch (wayFor(attributes)) {
    case 'wasm':
      return normalizeScaleGradientOnWasm(dy, x, sets, epsilon);
    case 'loops':
      return computeTyped([dy, x], [x.shape.at(-1)!], (dgamma, a, b) =>
        normalizeScaleGradient(dgamma, a, b, sets, epsilon),
      );
    case 'composed':
      return composedNorm.scaleGradient(dy, x, attributes);
  }
}

/** `[N, positions, groups, width]`, and the axes of each set in it. */
function grouped(x: tf.Tensor, attributes: NormAttributes): { view: tf.Tensor; axes: number[] } {
  const { width } = setsOf(x, attributes);
  const view = x.reshape([x.shape[0], -1, attributes.groups, width]);
  return { view, axes: attributes.across === 'position' ? [3] : [1, 3] };
}

function standardized(x: tf.Tensor, attributes: NormAttributes): { z: tf.Tensor; scale: tf.Tensor; axes: number[] } {
  const { view, axes } = grouped(x, attributes);
  const { mean, variance } = tf.moments(view, axes, true);
  const scale = tf.rsqrt(tf.add(variance, attributes.epsilon));
  return { z: tf.mul(tf.sub(view, mean), scale), scale, axes };
}

/** The same from stock operations, for backends with memory of their own. */
export const composedNorm = {
  forward(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, attributes: NormAttributes): tf.Tensor {
    const { z } = standardized(x, attributes);
    return tf.add(tf.mul(z.reshape(x.shape), gamma), beta);
  },
  inputGradient(dy: tf.Tensor, x: tf.Tensor, gamma: tf.Tensor, attributes: NormAttributes): tf.Tensor {
    const { z, scale, axes } = standardized(x, attributes);
    const { view: d } = grouped(tf.mul(dy, gamma), attributes);
    const projected = tf.mul(z, tf.mean(tf.mul(d, z), axes, true));
    return tf.mul(scale, tf.sub(tf.sub(d, tf.mean(d, axes, true)), projected)).reshape(x.shape);
  },
  scaleGradient(dy: tf.Tensor, x: tf.Tensor, attributes: NormAttributes): tf.Tensor {
    const { z } = standardized(x, attributes);
    const channels = x.shape.at(-1)!;
    return tf.sum(tf.mul(dy.reshape([-1, channels]), z.reshape([-1, channels])), 0);
  },
};

/** `x` in the current layout; `gamma` and `beta` `[C]`. */
export function norm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, attributes: NormAttributes): tf.Tensor {
  return normKernel.apply({ x, gamma, beta }, attributes);
}
