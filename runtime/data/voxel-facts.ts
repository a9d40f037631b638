/** Summary of the intensities of a set of voxels; every number is 0 if the set is empty. */
export interface Intensities {
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Intensities of one channel, as stored: over its voxels that are not 0, and over all of them. */
export interface ChannelStatistics {
  readonly nonzero: Intensities;
  readonly all: Intensities;
}

/** Statistics of a case's voxels. */
export interface VoxelFacts {
  /** Of each channel of the file, in file order. */
  readonly statistics: readonly ChannelStatistics[];
  /** The label values that occur, with their voxel counts; empty without a label. */
  readonly labelCounts: readonly (readonly [value: number, voxels: number])[];
}
