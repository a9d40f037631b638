/** Resampling of spatial axes with half-pixel centres. */
import type { GraphBuilder } from '../builder.js';
import { absent, derived, unnamed, type AnyValue, type Value } from '../graph.js';
import { matMul } from './products.js';
import { gatherAt, reshape, squeeze } from './shaping.js';
import { computed, joined, sizeOfAxis, sizesFrom } from './sizes.js';

export type ResizeMode = 'linear' | 'nearest';

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

function attributesOf(mode: ResizeMode) {
  return {
    mode,
    coordinate_transformation_mode: 'half_pixel',
    ...(mode === 'nearest' ? { nearest_mode: 'round_prefer_ceil' } : {}),
  };
}

/** Resizes spatial axes by integer factors. */
export function resizeByFactors(g: GraphBuilder, x: AnyValue, mode: ResizeMode, factors: readonly number[]): AnyValue {
  const all = [1, 1, ...factors];
  const shape = x.shape.map((size, axis) => derived(size, (n) => n * all[axis]!));
  const scales = g.constant(Float32Array.from(all), [all.length]);
  return g.node('Resize', [x, absent, scales], { shape, type: x.type }, attributesOf(mode));
}

/** Resizes spatial axes to sizes, each a number or a list of one number; positions follow the true ratio of sizes. */
export function resizeTo(
  g: GraphBuilder,
  x: AnyValue,
  mode: ResizeMode,
  sizes: readonly (number | AnyValue)[],
): AnyValue {
  if (mode === 'nearest') return nearest(g, x, sizes);
  const all = joined(g, [sizesFrom(g, x, 0, 2), ...sizes]);
  const shape = [...x.shape.slice(0, 2), ...sizes.map((size) => (typeof size === 'number' ? size : unnamed))];
  return g.node('Resize', [x, absent, absent, all], { shape, type: x.type }, attributesOf(mode));
}

/**
 * Axis after axis, entry j from floor((2j + 1) * from / (2 * to)): the entry whose cell holds the centre. Resize computes
 * positions in floats, which may fall to either side if a centre lies on the border of two cells.
 */
function nearest(g: GraphBuilder, x: AnyValue, sizes: readonly (number | AnyValue)[]): AnyValue {
  return sizes.reduce((result: AnyValue, size, index) => {
    const axis = index + 2;
    const to = typeof size === 'number' ? g.integers([size]) : size;
    const range = [g.integers([0], []), squeeze(g, to, [0]), g.integers([1], [])];
    const counted = g.node('Range', range, { shape: [unnamed], type: 'int64' });
    const odd = computed(g, 'Add', computed(g, 'Mul', counted, g.integers([2])), g.integers([1]));
    const above = computed(g, 'Mul', odd, sizeOfAxis(g, x, axis));
    const places = computed(g, 'Div', above, computed(g, 'Mul', to, g.integers([2])));
    return gatherAt(g, result, places, axis);
  }, x);
}
