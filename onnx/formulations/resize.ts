/** Resampling of spatial axes. */
import type { GraphBuilder } from '../builder.js';
import { absent, derived, unnamed, type AnyValue, type Attributes, type Value } from '../graph.js';
import { matMul } from './products.js';
import { gatherAt, reshape, squeeze } from './shaping.js';
import { computed, joined, sizeOfAxis, sizesFrom } from './sizes.js';

export type ResizeMode = 'linear' | 'linear_corners' | 'nearest' | 'nearest_floor';

/**
 * Resamples the middle axis of `[outer, size, inner]` by a matrix of interpolation weights `[to, from]`, or back with
 * the transposed matrix (`adjoint`). On the CPU provider this is faster than Resize, and Resize has no gradient.
 */
export function resample(g: GraphBuilder, x: Value, weights: Value, adjoint: boolean): Value {
  const [to, from] = weights.shape as [number, number];
  const [outer, size, inner] = x.shape as [number, number, number];
  if (inner > 1) return matMul(g, weights, x, adjoint, false);
  const product = matMul(g, reshape(g, x, [outer, size]), weights, false, !adjoint);
  return reshape(g, product, [outer, adjoint ? from : to, 1]);
}

const attributesOf = {
  linear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
  linear_corners: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
  nearest: { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' },
  nearest_floor: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
} as const satisfies Readonly<Record<ResizeMode, Attributes>>;

/** Resizes spatial axes by integer factors. */
export function resizeByFactors(g: GraphBuilder, x: AnyValue, mode: ResizeMode, factors: readonly number[]): AnyValue {
  const all = [1, 1, ...factors];
  const shape = x.shape.map((size, axis) => derived(size, (n) => n * all[axis]!));
  const scales = g.constant(Float32Array.from(all), [all.length]);
  return g.node('Resize', [x, absent, scales], { shape, type: x.type }, attributesOf[mode]);
}

/** Resizes spatial axes to sizes, each a number or a list of one number; positions follow the true ratio of sizes. */
export function resizeTo(
  g: GraphBuilder,
  x: AnyValue,
  mode: ResizeMode,
  sizes: readonly (number | AnyValue)[],
): AnyValue {
  if (mode === 'nearest' || mode === 'nearest_floor') return nearest(g, x, mode, sizes);
  const all = joined(g, [sizesFrom(g, x, 0, 2), ...sizes]);
  const shape = [...x.shape.slice(0, 2), ...sizes.map((size) => (typeof size === 'number' ? size : unnamed))];
  return g.node('Resize', [x, absent, absent, all], { shape, type: x.type }, attributesOf[mode]);
}

/**
 * Axis after axis, entry j from floor((2j + 1) * from / (2 * to)), the entry whose cell holds the centre, or from
 * floor(j * from / to). Resize computes positions in floats, which may fall to either side of an integer.
 */
function nearest(
  g: GraphBuilder,
  x: AnyValue,
  mode: 'nearest' | 'nearest_floor',
  sizes: readonly (number | AnyValue)[],
): AnyValue {
  return sizes.reduce((result: AnyValue, size, index) => {
    const axis = index + 2;
    const to = typeof size === 'number' ? g.integers([size]) : size;
    const range = [g.integers([0], []), squeeze(g, to, [0]), g.integers([1], [])];
    const counted = g.node('Range', range, { shape: [unnamed], type: 'int64' });
    const from = sizeOfAxis(g, x, axis);
    return gatherAt(
      g,
      result,
      mode === 'nearest' ? centred(g, counted, from, to) : floored(g, counted, from, to),
      axis,
    );
  }, x);
}

function centred(g: GraphBuilder, counted: AnyValue, from: AnyValue, to: AnyValue): AnyValue {
  const two = g.integers([2]);
  const odd = computed(g, 'Add', computed(g, 'Mul', counted, two), g.integers([1]));
  return computed(g, 'Div', computed(g, 'Mul', odd, from), computed(g, 'Mul', to, two));
}

function floored(g: GraphBuilder, counted: AnyValue, from: AnyValue, to: AnyValue): AnyValue {
  return computed(g, 'Div', computed(g, 'Mul', counted, from), to);
}
