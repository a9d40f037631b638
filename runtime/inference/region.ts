/** The part of a volume in which windows lie. All lists are per spatial axis, in voxels. */
import type { WindowOutput } from './accumulator.js';

/** A box of voxels of a volume. */
export interface Region {
  readonly origin: readonly number[];
  readonly size: readonly number[];
}

/**
 * Enlarges a region to the size of a tile where it is smaller, around its centre and within the volume; an axis on which
 * the volume is smaller than the tile becomes the whole axis.
 */
export function enlargedRegion({ origin, size }: Region, tile: readonly number[], extents: readonly number[]): Region {
  const sizes = size.map((each, axis) => Math.min(extents[axis]!, Math.max(each, tile[axis]!)));
  const origins = origin.map((start, axis) => {
    const centred = start - Math.floor((sizes[axis]! - size[axis]!) / 2);
    return Math.min(Math.max(0, centred), extents[axis]! - sizes[axis]!);
  });
  return { origin: origins, size: sizes };
}

/**
 * Places a region's probabilities, [labels, ...region.size], in the volume. Outside the region, class 0 (the background)
 * has probability 1 and every other class and every region 0.
 * @returns [labels, ...extents]; the given array if the region is the whole volume
 */
export function placeRegion(
  probabilities: Float32Array,
  region: Region | undefined,
  extents: readonly number[],
  { labels, kind }: Pick<WindowOutput, 'labels' | 'kind'>,
): Float32Array {
  const isWhole = region?.size.every((size, axis) => size === extents[axis]) === true;
  if (isWhole) return probabilities;
  const voxels = extents.reduce((product, extent) => product * extent, 1);
  const placed = new Float32Array(labels * voxels);
  if (kind === 'classes') placed.fill(1, 0, voxels);
  if (region === undefined) return placed;
  const { origin, size } = region;
  const width = size.at(-1)!;
  let from = 0;
  const walk = (axis: number, base: number): void => {
    if (axis === size.length - 1) {
      placed.set(probabilities.subarray(from, from + width), base * extents[axis]! + origin[axis]!);
      from += width;
      return;
    }
    for (let i = 0; i < size[axis]!; i++) walk(axis + 1, base * extents[axis]! + origin[axis]! + i);
  };
  for (let label = 0; label < labels; label++) walk(0, label);
  return placed;
}
