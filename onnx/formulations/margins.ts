/** Padding and cropping of spatial axes, by amounts or to the sizes of another tensor. */
import type { GraphBuilder } from '../builder.js';
import { derived, type AnyValue } from '../graph.js';
import { channelsOf, padBy, padsOf, sliceAlong, toTheEnd, type Amounts, type Filling } from './shaping.js';
import { computed, joined, sizesFrom } from './sizes.js';

/** Pads spatial axes. */
export function padSpatial(g: GraphBuilder, x: AnyValue, amounts: Amounts, filling: Filling): AnyValue {
  return padAxes(g, x, [[0, 0], [0, 0], ...amounts], filling);
}

/** Adds channels of zeros, equally on both sides, up to `channels`; of an odd number, the larger part is after. */
export function padChannels(g: GraphBuilder, x: AnyValue, channels: number): AnyValue {
  const added = channels - channelsOf(x);
  const before = Math.floor(added / 2);
  return padAxes(g, x, [[0, 0], [before, added - before], ...x.shape.slice(2).map(() => [0, 0] as const)], 0);
}

function padAxes(g: GraphBuilder, x: AnyValue, amounts: Amounts, filling: Filling): AnyValue {
  if (amounts.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((size, axis) => derived(size, (n) => n + amounts[axis]![0] + amounts[axis]![1]));
  return padBy(g, x, g.integers(padsOf(amounts)), filling, shape);
}

/**
 * Pads to the spatial sizes of `like`, equally on both sides (of an odd difference, the larger part is after), or by the
 * amounts `first` before.
 */
export function padTo(
  g: GraphBuilder,
  x: AnyValue,
  like: AnyValue,
  filling: Filling,
  first?: readonly number[],
): AnyValue {
  const { before, after } = margins(g, like, x, first);
  return padBy(g, x, joined(g, [0, 0, before, 0, 0, after]), filling, [...x.shape.slice(0, 2), ...like.shape.slice(2)]);
}

/** Pads after spatial axes, up to the next multiples: by (m - n mod m) mod m. */
export function padToMultiples(g: GraphBuilder, x: AnyValue, multiples: readonly number[], filling: Filling): AnyValue {
  const m = g.integers(multiples);
  const after = computed(g, 'Mod', computed(g, 'Sub', m, computed(g, 'Mod', sizesFrom(g, x, 2), m)), m);
  const shape = x.shape.map((size, axis) => {
    const multiple = multiples[axis - 2];
    return multiple === undefined ? size : derived(size, (n) => Math.ceil(n / multiple) * multiple);
  });
  return padBy(g, x, joined(g, [0, 0, ...multiples.map(() => 0), 0, 0, after]), filling, shape);
}

/** Cuts from spatial axes. */
export function cropSpatial(g: GraphBuilder, x: AnyValue, amounts: Amounts): AnyValue {
  const starts = g.integers(amounts.map(([before]) => before));
  const ends = g.integers(amounts.map(([, after]) => (after === 0 ? toTheEnd : -after)));
  const shape = x.shape.map((size, axis) => {
    const [before, after] = amounts[axis - 2] ?? [0, 0];
    return derived(size, (n) => n - before - after);
  });
  return sliceAlong(g, x, spatialAxes(x), starts, ends, shape);
}

/**
 * Cuts the centre at the spatial sizes of `like` (of an odd difference, the larger part is cut after), or what is after
 * the amounts `first`.
 */
export function cropTo(g: GraphBuilder, x: AnyValue, like: AnyValue, first?: readonly number[]): AnyValue {
  const { before, smaller } = margins(g, x, like, first);
  const ends = computed(g, 'Add', before, smaller);
  return sliceAlong(g, x, spatialAxes(x), before, ends, [...x.shape.slice(0, 2), ...like.shape.slice(2)]);
}

function spatialAxes({ shape }: AnyValue): readonly number[] {
  return shape.slice(2).map((_, index) => index + 2);
}

/** What is around the smaller of two tensors centred in the larger, by spatial axis. */
function margins(
  g: GraphBuilder,
  large: AnyValue,
  small: AnyValue,
  first: readonly number[] | undefined,
): Record<'before' | 'after' | 'smaller', AnyValue> {
  const smaller = sizesFrom(g, small, 2);
  const difference = computed(g, 'Sub', sizesFrom(g, large, 2), smaller);
  const before = first === undefined ? computed(g, 'Div', difference, g.integers([2])) : g.integers(first);
  return { before, after: computed(g, 'Sub', difference, before), smaller };
}
