import type { DecodedCase, StoredArray } from './decode.js';
import { type Box, boxVolume } from './box.js';
import type { VoxelFacts } from './voxel-facts.js';
import type { Geometry } from './types.js';

/**
 * Receives a part of one row of a box: `count` values of `data`, starting at `from`, belong at `to` in the box's own
 * [d, h, w]. After damage was repaired the whole box is passed again.
 */
export type TakeRun = (data: StoredArray, from: number, count: number, to: number) => void;

/** Bounds of a number that is not known exactly. */
export interface Bounds {
  readonly atLeast: number;
  readonly atMost: number;
}

/** A case's voxels, read by box, in memory or on disk. Every voxel of a box that is not passed on is 0. */
export interface VoxelSource extends VoxelFacts {
  readonly geometry: Geometry;
  /** Voxels of some of the file's channels, as stored (not normalised); `take` receives the position in `channels`. */
  image(
    box: Box,
    channels: readonly number[],
    take: (position: number, ...run: Parameters<TakeRun>) => void,
  ): Promise<void>;
  /** The data set's label values; nothing for a case without a label. */
  label(box: Box, take: TakeRun): Promise<void>;
  /** Bounds of the number of foreground voxels in a box, known without reading the label. */
  foreground(box: Box): Bounds;
}

/** Passes on the rows of a box of one channel of a whole volume, as far as they lie in it. */
function eachRow(data: StoredArray, channel: number, shape: Geometry['shape'], box: Box, take: TakeRun): void {
  const [depth, height, width] = shape;
  const [slices, rows, columns] = box.size;
  const first = Math.max(0, box.origin[2]);
  const count = Math.min(width, box.origin[2] + columns) - first;
  for (let row = 0; row < slices * rows; row++) {
    const z = box.origin[0] + Math.floor(row / rows);
    const y = box.origin[1] + (row % rows);
    if (z < 0 || z >= depth || y < 0 || y >= height || count <= 0) continue;
    take(data, ((channel * depth + z) * height + y) * width + first, count, row * columns + first - box.origin[2]);
  }
}

/** A decoded case as a source. */
export function memorySource({ geometry, statistics, labelCounts, image, label }: DecodedCase): VoxelSource {
  return {
    geometry,
    statistics,
    labelCounts,
    image: (box, channels, take) => {
      channels.forEach((channel, position) =>
        eachRow(image, channel, geometry.shape, box, (...run) => take(position, ...run)),
      );
      return Promise.resolve();
    },
    label: (box, take) => {
      if (label !== undefined) eachRow(label, 0, geometry.shape, box, take);
      return Promise.resolve();
    },
    foreground: (box) => ({ atLeast: 0, atMost: label === undefined ? 0 : boxVolume(box) }),
  };
}
