/**
 * Resampling of spatial axes with half-pixel centres, one axis after another, like PyTorch's interpolate with
 * `align_corners=False` (modes `linear`, `bilinear`, `trilinear`; `nearest` is its `nearest-exact`, which differs from
 * its `nearest` unless sizes grow by an integer factor). Position j of the result corresponds to (j + 0.5) * n / m -
 * 0.5 of the operand. Kernel `UnetResample`.
 */
import * as tf from '@tensorflow/tfjs';
import { layout } from './layout.js';
import { defineKernel, type Kernel } from './kernel.js';
import { product } from './spatial.js';
import { computeTyped, hasTypedArrays } from './typed.js';

export type ResizeMode = 'linear' | 'nearest';

export interface ResampleAttributes {
  readonly from: number;
  readonly to: number;
  readonly mode: ResizeMode;
  /** The adjoint operation: `to` elements become `from`. */
  readonly adjoint: boolean;
}

/** Two positions of the operand and their weights, for each element of the result. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly lowWeight: Float64Array;
  readonly highWeight: Float64Array;
}

function tapsOf({ from, to, mode }: Omit<ResampleAttributes, 'adjoint'>): Taps {
  const taps = {
    low: new Int32Array(to),
    high: new Int32Array(to),
    lowWeight: new Float64Array(to).fill(1),
    highWeight: new Float64Array(to),
  };
  for (let j = 0; j < to; j++) {
    if (mode === 'nearest') {
      // The element whose cell contains the centre, in integer arithmetic, which does not round.
      taps.low[j] = taps.high[j] = Math.min(Math.floor(((2 * j + 1) * from) / (2 * to)), from - 1);
      continue;
    }
    const position = Math.max((j + 0.5) * (from / to) - 0.5, 0);
    const low = Math.min(Math.floor(position), from - 1);
    const fraction = position - low;
    taps.low[j] = low;
    taps.high[j] = Math.min(low + 1, from - 1);
    taps.lowWeight[j] = 1 - fraction;
    taps.highWeight[j] = fraction;
  }
  return taps;
}

/** `[outer, from, inner]` to `[outer, to, inner]`, or back for the adjoint. */
const resampleKernel: Kernel<ResampleAttributes> = defineKernel<ResampleAttributes>({
  name: 'UnetResample',
  spatial: [],
  saved: [],
  lowered: ({ x }, attributes) => (hasTypedArrays() ? typedResample(x!, attributes) : composedResample(x!, attributes)),
  gradient: (dy, _, attributes) => ({
    x: () => resampleKernel.applyAs({ x: dy }, { ...attributes, adjoint: !attributes.adjoint }),
  }),
});

function typedResample(x: tf.Tensor, attributes: ResampleAttributes): tf.Tensor {
  const { low, high, lowWeight, highWeight } = tapsOf(attributes);
  const { from, to, adjoint } = attributes;
  const [outer, , inner] = x.shape as [number, number, number];
  return computeTyped([x], [outer, adjoint ? from : to, inner], (y, values) => {
    if (adjoint) y.fill(0);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < to; j++) {
        const a = (o * from + low[j]!) * inner;
        const b = (o * from + high[j]!) * inner;
        const at = (o * to + j) * inner;
        const p = lowWeight[j]!;
        const q = highWeight[j]!;
        if (adjoint) {
          for (let c = 0; c < inner; c++) {
            const value = values[at + c]!;
            y[a + c]! += p * value;
            y[b + c]! += q * value;
          }
        } else for (let c = 0; c < inner; c++) y[at + c] = p * values[a + c]! + q * values[b + c]!;
      }
    }
  });
}

/** The weights of interpolation, `[to, from]`, row-major. */
export function interpolationMatrix({ from, to, mode }: Omit<ResampleAttributes, 'adjoint'>): Float32Array {
  const { low, high, lowWeight, highWeight } = tapsOf({ from, to, mode });
  const matrix = new Float32Array(to * from);
  for (let j = 0; j < to; j++) {
    matrix[j * from + low[j]!]! += lowWeight[j]!;
    matrix[j * from + high[j]!]! += highWeight[j]!;
  }
  return matrix;
}

/** The same as a matrix product, for backends with memory of their own. */
export function composedResample(x: tf.Tensor, attributes: ResampleAttributes): tf.Tensor {
  const { from, to, adjoint } = attributes;
  const matrix = interpolationMatrix(attributes);
  const [outer, n, inner] = x.shape as [number, number, number];
  const columns = tf.transpose(x, [1, 0, 2]).reshape([n, outer * inner]);
  const product = tf.matMul(tf.tensor2d(matrix, [to, from]), columns, adjoint, false);
  return tf.transpose(product.reshape([adjoint ? from : to, outer, inner]), [1, 0, 2]);
}

/** Resamples the spatial axes of `x` (in the current layout) to `sizes`. */
export function resize(x: tf.Tensor, sizes: readonly number[], mode: ResizeMode): tf.Tensor {
  const first = layout() === 'channels-last' ? 1 : 2;
  return sizes.reduce((result, to, i) => {
    const shape = result.shape;
    const axis = first + i;
    const from = shape[axis]!;
    if (from === to) return result;
    const before = shape.slice(0, axis);
    const after = shape.slice(axis + 1);
    const view = result.reshape([product(before), from, product(after)]);
    const resampled = resampleKernel.applyAs({ x: view }, { from, to, mode, adjoint: false, layout: layout() });
    return resampled.reshape([...before, to, ...after]);
  }, x);
}
