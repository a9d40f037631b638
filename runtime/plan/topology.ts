import { product } from './numbers.js';

/** Axes of the bottleneck are at least this many voxels long; an axis is only halved if it has twice as many. */
const SMALLEST_EDGE = 4;

/** Stages, kernels and strides of a network for a patch; one entry for each stage and axis. */
export interface Topology {
  /** The patch, padded so that every pooling divides it. */
  readonly patch: readonly number[];
  readonly kernels: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
  /** What each axis of the patch must be a multiple of. */
  readonly divisors: readonly number[];
}

/** Returns the axes to halve next; none if the feature maps are small enough. */
function axesToPool(sizes: readonly number[], spacings: readonly number[]): number[] {
  const long = sizes.flatMap((size, axis) => (size >= 2 * SMALLEST_EDGE ? [axis] : []));
  const finest = Math.min(...long.map((axis) => spacings[axis]!));
  const axes = long.filter((axis) => spacings[axis]! / finest < 2);
  const [only] = axes;
  return axes.length === 1 && sizes[only!]! < 3 * SMALLEST_EDGE ? [] : axes;
}

/**
 * Derives the stages of a network from a patch: every stage halves the axes whose spacing is less than twice the finest
 * one, until no axis has 8 voxels; a kernel is 1 along an axis whose spacing is still at least twice the finest, and 3
 * from then on (Isensee et al. 2021, supplementary note 2).
 * @param spacing millimetres per axis of the patch
 * @param patch voxels per axis, which may be fractional
 */
export function topologyOf(spacing: readonly number[], patch: readonly number[]): Topology {
  const spacings = [...spacing];
  const sizes = [...patch];
  const kernel = spacing.map(() => 1);
  const strides = [spacing.map(() => 1)];
  const kernels: number[][] = [];
  for (let axes = axesToPool(sizes, spacings); axes.length > 0; axes = axesToPool(sizes, spacings)) {
    const finest = Math.min(...spacings);
    spacings.forEach((each, axis) => {
      if (each / finest < 2) kernel[axis] = 3;
    });
    for (const axis of axes) {
      spacings[axis]! *= 2;
      sizes[axis] = Math.ceil(sizes[axis]! / 2);
    }
    strides.push(spacing.map((_, axis) => (axes.includes(axis) ? 2 : 1)));
    kernels.push([...kernel]);
  }
  kernels.push(spacing.map(() => 3));
  const divisors = spacing.map((_, axis) => product(strides.map((stride) => stride[axis]!)));
  const padded = patch.map((size, axis) => Math.ceil(size / divisors[axis]!) * divisors[axis]!);
  return { patch: padded, kernels, strides, divisors };
}
