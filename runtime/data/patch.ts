import type { Normalization } from '../protocol.js';
import { normalizeInto, normalizerOf } from './preprocess.js';
import type { VoxelSource } from './voxel-source.js';

/** A box in a volume, [D, H, W] in voxels. */
export interface Box {
  readonly origin: readonly [number, number, number];
  readonly size: readonly [number, number, number];
}

/** Voxels of a box. */
export function boxVolume({ size }: Box): number {
  return size[0] * size[1] * size[2];
}

/** Calls `take` for each row of a box: where the row begins in a span of whole rows, and in the box's own array. */
function eachRow(
  box: Box,
  width: number,
  take: (from: number, to: number, slice: number) => void,
  slice: number,
): void {
  const [, rows, columns] = box.size;
  for (let row = 0; row < rows; row++) take(row * width + box.origin[2], (slice * rows + row) * columns, slice);
}

/**
 * Writes a box of some channels, normalised, into `target` as [C, d, h, w].
 * @param channels file channels in the order wanted
 */
export function readImageBox(
  source: VoxelSource,
  box: Box,
  channels: readonly number[],
  normalization: Normalization,
  target: Float32Array,
): void {
  const width = source.geometry.shape[2];
  const volume = boxVolume(box);
  channels.forEach((channel, position) => {
    const statistics = source.statistics[channel];
    if (statistics === undefined) throw new RangeError(`channel ${channel} of ${source.statistics.length}`);
    const normalizer = normalizerOf(normalization, statistics);
    for (let slice = 0; slice < box.size[0]; slice++) {
      const span = source.image(channel, box.origin[0] + slice, box.origin[1], box.size[1]);
      const copyRow = (from: number, to: number): void =>
        normalizeInto(normalizer, span, from, box.size[2], target, position * volume + to);
      eachRow(box, width, copyRow, slice);
    }
  });
}

/** Writes a box of the label into `target` as [d, h, w], each value replaced by its entry in `targets`. */
export function readLabelBox(source: VoxelSource, box: Box, targets: Uint8Array, target: Uint8Array): void {
  const width = source.geometry.shape[2];
  for (let slice = 0; slice < box.size[0]; slice++) {
    const span = source.label(box.origin[0] + slice, box.origin[1], box.size[1]);
    const copyRow = (from: number, to: number): void => {
      for (let i = 0; i < box.size[2]; i++) target[to + i] = targets[span[from + i] as number] as number;
    };
    eachRow(box, width, copyRow, slice);
  }
}

/** Voxels of a box whose label is not 0, the data set's background; counting ends once it is above `enough`. */
export function countForeground(source: VoxelSource, box: Box, enough: number): number {
  const width = source.geometry.shape[2];
  let count = 0;
  for (let slice = 0; slice < box.size[0] && count <= enough; slice++) {
    const span = source.label(box.origin[0] + slice, box.origin[1], box.size[1]);
    const countRow = (from: number): void => {
      for (let i = 0; i < box.size[2]; i++) if (span[from + i] !== 0) count++;
    };
    eachRow(box, width, countRow, slice);
  }
  return count;
}
