import type { ChannelStatistics, DecodedCase, StoredArray } from './decode.js';
import type { Geometry } from './types.js';

/** A case's voxels, read in spans of whole rows of one slice; in memory or on disk. */
export interface VoxelSource {
  readonly geometry: Geometry;
  readonly statistics: readonly ChannelStatistics[];
  /** `rows` rows of W voxels from row `y` of slice `z` of a file channel, as stored (not normalised). */
  image(channel: number, z: number, y: number, rows: number): StoredArray;
  /** The same of the label, the data set's values; zeros where the case has none. */
  label(z: number, y: number, rows: number): Uint8Array;
  close(): void;
}

/** A decoded case as a source. */
export function memorySource(decoded: DecodedCase): VoxelSource {
  const [depth, height, width] = decoded.geometry.shape;
  return {
    geometry: decoded.geometry,
    statistics: decoded.statistics,
    image: (channel, z, y, rows) => {
      const from = ((channel * depth + z) * height + y) * width;
      return decoded.image.subarray(from, from + rows * width);
    },
    label: (z, y, rows) => {
      const from = (z * height + y) * width;
      return decoded.label?.subarray(from, from + rows * width) ?? new Uint8Array(rows * width);
    },
    close: () => undefined,
  };
}
