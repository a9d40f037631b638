/**
 * Resampling of spatial axes, one axis after another, like PyTorch's `interpolate`: `linear` is its `align_corners=False`
 * (position j of the result corresponds to (j + 0.5) * n / m - 0.5 of the operand), `linear_corners` its
 * `align_corners=True` (j * (n - 1) / (m - 1)), `nearest` its `nearest-exact`, and `nearest_floor` its `nearest`. Padding
 * with values of the tensor (`replicate`, `reflect`) is a resampling too. Kernel `UnetResample`.
 */
import * as tf from '@tensorflow/tfjs';
import { layout, toLogicalOrder } from './layout.js';
import { defineKernel, type Kernel } from './kernel.js';
import { product, type Amounts } from './spatial.js';
import { computeTyped, hasTypedArrays } from './typed.js';

export type ResizeMode = 'linear' | 'linear_corners' | 'nearest' | 'nearest_floor';

/** How values outside of a tensor are found: the nearest one, or mirrored at the border, which is not repeated. */
export type ExtendMode = 'replicate' | 'reflect';

export interface ResampleAttributes {
  readonly from: number;
  readonly to: number;
  readonly mode: ResizeMode | ExtendMode | 'take';
  /** Positions added before the first one, for `ExtendMode`. */
  readonly before?: number;
  /** The positions in the operand, for `take`. */
  readonly indices?: readonly number[];
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

type Grid = Omit<ResampleAttributes, 'adjoint'>;

/** The position in the operand of position j of the result. Quotients of integers are exact where they are integers. */
const positions: { readonly [M in Grid['mode']]: (j: number, grid: Grid) => number } = {
  linear: (j, { from, to }) => Math.max((j + 0.5) * (from / to) - 0.5, 0),
  linear_corners: (j, { from, to }) => (to === 1 ? 0 : (j * (from - 1)) / (to - 1)),
  // The element whose cell contains the centre.
  nearest: (j, { from, to }) => Math.floor(((2 * j + 1) * from) / (2 * to)),
  nearest_floor: (j, { from, to }) => Math.floor((j * from) / to),
  take: (j, { indices = [] }) => indices[j] ?? 0,
  replicate: (j, { from, before = 0 }) => Math.min(Math.max(j - before, 0), from - 1),
  reflect: (j, { from, before = 0 }) => {
    const place = Math.abs(j - before);
    return place < from ? place : 2 * (from - 1) - place;
  },
};

function tapsOf(grid: Grid): Taps {
  const { from, to, mode } = grid;
  const taps = {
    low: new Int32Array(to),
    high: new Int32Array(to),
    lowWeight: new Float64Array(to),
    highWeight: new Float64Array(to),
  };
  for (let j = 0; j < to; j++) {
    const position = positions[mode](j, grid);
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
export function interpolationMatrix(grid: Grid): Float32Array {
  const { from, to } = grid;
  const { low, high, lowWeight, highWeight } = tapsOf(grid);
  const matrix = new Float32Array(to * from);
  for (let j = 0; j < to; j++) {
    matrix[j * from + low[j]!]! += lowWeight[j]!;
    matrix[j * from + high[j]!]! += highWeight[j]!;
  }
  return matrix;
}

/** The same as a matrix product, for backends with memory of their own. */
function composedResample(x: tf.Tensor, attributes: ResampleAttributes): tf.Tensor {
  const { from, to, adjoint } = attributes;
  const matrix = interpolationMatrix(attributes);
  const [outer, n, inner] = x.shape as [number, number, number];
  const columns = tf.transpose(x, [1, 0, 2]).reshape([n, outer * inner]);
  const product = tf.matMul(tf.tensor2d(matrix, [to, from]), columns, adjoint, false);
  return tf.transpose(product.reshape([adjoint ? from : to, outer, inner]), [1, 0, 2]);
}

/** Resamples the spatial axes of `x` (in the current layout) to `sizes`. */
export function resize(x: tf.Tensor, sizes: readonly number[], mode: ResizeMode): tf.Tensor {
  const from = spatialSizes(x);
  return sizes.reduce((result, to, i) => alongAxis(result, i, { from: from[i]!, to, mode }), x);
}

/** Pads the spatial axes of `x` (in the current layout) with values of its own. */
export function extend(x: tf.Tensor, amounts: Amounts, mode: ExtendMode): tf.Tensor {
  const sizes = spatialSizes(x);
  return amounts.reduce((result, [before, after], i) => {
    const from = sizes[i]!;
    return alongAxis(result, i, { from, to: before + from + after, mode, before });
  }, x);
}

function spatialSizes({ shape }: tf.Tensor): readonly number[] {
  return toLogicalOrder(shape).slice(2);
}

/** Elements of an axis, counted in memory order, at fixed indices. */
export function takeAlong(x: tf.Tensor, axis: number, indices: readonly number[]): tf.Tensor {
  const from = x.shape[axis]!;
  const [first = 0] = indices;
  if (!indices.every((index, i) => index === first + i)) {
    return resampleAxis(x, axis, { from, to: indices.length, mode: 'take', indices });
  }
  if (indices.length === from) return x;
  // Three axes are enough, and tensors of rank above four are slow to slice.
  const rows = x.reshape([product(x.shape.slice(0, axis)), from, product(x.shape.slice(axis + 1))]);
  const taken = tf.slice(rows, [0, first, 0], [-1, indices.length, -1]);
  return taken.reshape([...x.shape.slice(0, axis), indices.length, ...x.shape.slice(axis + 1)]);
}

/** Resamples one spatial axis. */
function alongAxis(x: tf.Tensor, spatial: number, grid: Grid): tf.Tensor {
  if (grid.from === grid.to) return x;
  return resampleAxis(x, (layout() === 'channels-last' ? 1 : 2) + spatial, grid);
}

function resampleAxis(x: tf.Tensor, axis: number, grid: Grid): tf.Tensor {
  const { from, to } = grid;
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const view = x.reshape([product(before), from, product(after)]);
  const resampled = resampleKernel.applyAs({ x: view }, { ...grid, adjoint: false, layout: layout() });
  return resampled.reshape([...before, to, ...after]);
}
