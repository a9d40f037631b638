/** Where a patch is read: the positions in a volume that its voxels are interpolated from. */
import type { Box } from '../box.js';

export type Triple = readonly [number, number, number];

/**
 * The position that voxel `o` of a patch is read at: `c + M (o - c + u(o))`, where `c` is the patch's centre,
 * `(size - 1) / 2`. This is the convention of batchgeneratorsv2: displaced first, then zoomed, then rotated.
 */
export interface SpatialMap {
  /** M, 3 x 3, row-major; axes [D, H, W]. */
  readonly matrix: readonly number[];
  /** u for the axes that are displaced: [d, h, w], in voxels. */
  readonly displacement?: readonly (Float32Array | undefined)[];
}

export function multiply(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, k) => {
    const [row, column] = [3 * Math.floor(k / 3), k % 3];
    return [0, 1, 2].reduce((sum, j) => sum + a[row + j]! * b[3 * j + column]!, 0);
  });
}

/** A rotation by an angle in radians about an axis of [D, H, W], in the plane of the two others. */
export function rotationAbout(axis: number, angle: number): number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  if (axis === 0) return [1, 0, 0, 0, cos, -sin, 0, sin, cos];
  return axis === 1 ? [cos, 0, sin, 0, 1, 0, -sin, 0, cos] : [cos, -sin, 0, sin, cos, 0, 0, 0, 1];
}

export function scaling(factors: Triple): number[] {
  return [factors[0], 0, 0, 0, factors[1], 0, 0, 0, factors[2]];
}

/** The lowest and the highest value, 0 for none. */
function extremes(values: Float32Array | undefined): readonly [number, number] {
  let [low, high] = values === undefined ? [0, 0] : [Infinity, -Infinity];
  for (const value of values ?? []) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/**
 * The smallest box of a volume that holds everything a patch is read from, with one voxel beyond the volume on each side
 * that the patch extends over: positions further out are read there, and everything beyond a volume is alike.
 * @param box the patch, if it were not transformed
 * @param shape of the volume
 */
export function boxToRead({ matrix, displacement = [] }: SpatialMap, box: Box, shape: Triple): Box {
  const ranges = [0, 1, 2].map((axis) => {
    const [low, high] = extremes(displacement[axis]);
    const reach = (box.size[axis]! - 1) / 2;
    return [low - reach, high + reach] as const;
  });
  const sides = [0, 1, 2].map((axis) => {
    const centre = box.origin[axis]! + (box.size[axis]! - 1) / 2;
    let [low, high] = [centre, centre];
    ranges.forEach(([from, to], j) => {
      const factor = matrix[3 * axis + j]!;
      low += Math.min(factor * from, factor * to);
      high += Math.max(factor * from, factor * to);
    });
    const within = (position: number): number => Math.min(shape[axis]!, Math.max(-1, position));
    const first = within(Math.floor(low));
    return { first, count: within(Math.ceil(high)) - first + 1 };
  });
  return {
    origin: sides.map(({ first }) => first) as unknown as Box['origin'],
    size: sides.map(({ count }) => count) as unknown as Box['size'],
  };
}
