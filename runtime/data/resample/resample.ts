import { type Axis, type Interpolation, type Shape, resampleAxis } from './axis.js';
import { type AxisOrder, type NumberArray, inverseOrder, reorder, reorderedShape } from './axis-order.js';
import { roundHalfToEven } from './round.js';

/** Ratio of the largest to the smallest voxel size above which the coarsest axis is resampled separately. */
const ANISOTROPY = 3;

/** How a volume is resampled. */
export interface Resampling {
  /** [D, H, W] before and after. */
  readonly from: Shape;
  readonly to: Shape;
  /** The axis that is resampled separately, by nearest neighbour, after the slices across it; absent if none is. */
  readonly separate?: Axis;
}

type Spacing = readonly [number, number, number];
const AXES = [0, 1, 2] as const;

function isAnisotropic(spacing: Spacing): boolean {
  return Math.max(...spacing) / Math.min(...spacing) > ANISOTROPY;
}

/**
 * The axis that nnU-Net resamples separately between two voxel sizes: the coarsest, if the old size, otherwise the new
 * one, is anisotropic by a factor above 3, and only one axis is the coarsest.
 */
export function separateAxis(from: Spacing, to: Spacing): Axis | undefined {
  const spacing = isAnisotropic(from) ? from : isAnisotropic(to) ? to : undefined;
  if (spacing === undefined) return undefined;
  const coarsest = AXES.filter((axis) => spacing[axis] === Math.max(...spacing));
  return coarsest.length === 1 ? coarsest[0] : undefined;
}

/** [D, H, W] of a volume after resampling, rounded (halves to even); an axis may become 0. */
export function resampledShape(shape: Shape, from: Spacing, to: Spacing): [number, number, number] {
  const extent = (axis: Axis): number => roundHalfToEven((from[axis] / to[axis]) * shape[axis]);
  return [extent(0), extent(1), extent(2)];
}

/** Limits values to the range of the values that they were interpolated from. */
function clipTo(source: NumberArray, from: number, count: number, target: Float32Array, at: number, size: number) {
  let [lowest, highest] = [Infinity, -Infinity];
  for (let k = from; k < from + count; k++) {
    const value = source[k]!;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  for (let k = at; k < at + size; k++) target[k] = Math.min(highest, Math.max(lowest, target[k]!));
}

function resampleWhole(source: NumberArray, from: Shape, to: Shape, interpolation: Interpolation): Float32Array {
  let shape = from;
  let data: NumberArray = source;
  for (const axis of AXES) {
    if (shape[axis] === to[axis]) continue;
    data = resampleAxis(data, shape, axis, to[axis], interpolation);
    shape = [axis === 0 ? to[0] : shape[0], axis === 1 ? to[1] : shape[1], axis === 2 ? to[2] : shape[2]];
  }
  return data === source ? Float32Array.from(source) : (data as Float32Array);
}

/** Resamples the slices along the first axis, clips each to its own range, and then that axis by nearest neighbour. */
function resampleSlices(source: NumberArray, from: Shape, to: Shape, interpolation: Interpolation): Float32Array {
  const [slices] = from;
  const inPlane: Shape = [slices, to[1], to[2]];
  const data = resampleWhole(source, from, inPlane, interpolation);
  if (interpolation === 'cubic') {
    const [before, after] = [from[1] * from[2], to[1] * to[2]];
    for (let k = 0; k < slices; k++) clipTo(source, k * before, before, data, k * after, after);
  }
  return slices === to[0] ? data : resampleAxis(data, inPlane, 0, to[0], 'nearest');
}

const FRONT = [
  [0, 1, 2],
  [1, 0, 2],
  [2, 0, 1],
] as const;

/**
 * Resamples one channel as nnU-Net does: voxel `o` of `N` is read at `(o + 0.5) * n / N - 0.5`, edge values continue
 * beyond the volume, and a cubic result is clipped to the range of what was resampled (the channel, or each slice if an
 * axis is separate). A channel whose shape does not change is copied.
 * @param source [D, H, W] = `from`
 * @returns [D, H, W] = `to`
 */
export function resampleChannel(
  source: NumberArray,
  { from, to, separate }: Resampling,
  interpolation: Interpolation,
): Float32Array {
  if (from.every((size, axis) => size === to[axis])) return Float32Array.from(source);
  if (separate === undefined) {
    const data = resampleWhole(source, from, to, interpolation);
    if (interpolation === 'cubic') clipTo(source, 0, source.length, data, 0, data.length);
    return data;
  }
  if (separate === 0) return resampleSlices(source, from, to, interpolation);
  const order: AxisOrder = { axes: FRONT[separate], reversed: [false, false, false] };
  const moved = resampleSlices(
    reorder(source, from, order),
    reorderedShape(from, order),
    reorderedShape(to, order),
    interpolation,
  );
  return reorder(moved, reorderedShape(to, order), inverseOrder(order));
}

/** Interpolated masks are computed in float32; half of a sum of weights may be a rounding error below a half. */
const HALF = 0.5 - 1e-6;

/**
 * Resamples label values. `linear`: the mask of each value is interpolated, and the value is written where its mask is at
 * least 0.5, in increasing order; where none is, the voxel becomes `background`.
 * @param source [D, H, W] = `from`; every value, including one to ignore, is a label of its own
 * @returns [D, H, W] = `to`
 */
export function resampleLabels<T extends Uint8Array | Int8Array>(
  source: T,
  resampling: Resampling,
  interpolation: 'linear' | 'nearest',
  background = 0,
): T {
  const create = source.constructor as new (size: number) => T;
  if (resampling.from.every((size, axis) => size === resampling.to[axis])) return source.slice() as T;
  const target = new create(resampling.to.reduce((product, size) => product * size, 1));
  if (interpolation === 'nearest') {
    target.set(resampleChannel(source, resampling, 'nearest'));
    return target;
  }
  target.fill(background);
  const mask = new Uint8Array(source.length);
  for (const value of [...new Set<number>(source)].sort((a, b) => a - b)) {
    for (let k = 0; k < source.length; k++) mask[k] = source[k] === value ? 1 : 0;
    const found = resampleChannel(mask, resampling, 'linear');
    for (let k = 0; k < found.length; k++) if (found[k]! >= HALF) target[k] = value;
  }
  return target;
}
