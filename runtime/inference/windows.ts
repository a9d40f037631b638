/**
 * The positions of windows in a sliding-window prediction. All lists are per spatial axis, in voxels. Origins are those
 * of the window's input and may be negative, because a network with valid convolutions sees beyond the volume.
 */

/** The part of a window that every output of the network covers. */
export interface Tile {
  /** Relative to the window's input origin. */
  readonly offset: readonly number[];
  readonly size: readonly number[];
}

/** The offset of an output that is smaller than its input: centred; an odd voxel is cut after. */
export function outputOffset(patch: readonly number[], output: readonly number[]): number[] {
  return patch.map((size, axis) => Math.floor((size - (output[axis] ?? size)) / 2));
}

/** The intersection of the outputs' extents in a window. Every output must be at least one voxel large. */
export function commonTile(patch: readonly number[], outputs: readonly (readonly number[])[]): Tile {
  const offsets = outputs.map((output) => outputOffset(patch, output));
  const offset = patch.map((_, axis) => Math.max(...offsets.map((o) => o[axis] ?? 0)));
  const size = patch.map((_, axis) => {
    const ends = outputs.map((output, index) => (offsets[index]?.[axis] ?? 0) + (output[axis] ?? 0));
    return Math.min(...ends) - (offset[axis] ?? 0);
  });
  return { offset, size };
}

/**
 * Starts of tiles of `size` that cover `extent`: a step of (1 - overlap) tiles, at least one voxel, and the last tile
 * shifted back to end with the volume, as MONAI's `dense_patch_slices` does. One tile at 0 where it is larger.
 */
export function tileStarts(extent: number, size: number, overlap: number): number[] {
  const last = Math.max(0, extent - size);
  // The small addition undoes rounding: a step of 10 * (1 - 0.9) is one voxel, not none.
  const step = Math.max(1, Math.floor(size * (1 - overlap) + 1e-9));
  const starts: number[] = [];
  for (let start = 0; start < last; start += step) starts.push(start);
  return [...starts, last];
}

/** Input origins of all windows, the last axis fastest. Their tiles cover the whole volume. */
export function windowOrigins(extents: readonly number[], tile: Tile, overlap: number): number[][] {
  let origins: number[][] = [[]];
  extents.forEach((extent, axis) => {
    const starts = tileStarts(extent, tile.size[axis] ?? 1, overlap);
    origins = origins.flatMap((origin) => starts.map((start) => [...origin, start - (tile.offset[axis] ?? 0)]));
  });
  return origins;
}
