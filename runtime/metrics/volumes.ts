import type { Counts } from './scores.js';

/** The volumes of a class in the prediction and in the truth, in ml; in one slice, as if it were one voxel thick. */
export interface Volumes {
  readonly predicted: number;
  readonly reference: number;
  /** Predicted minus reference. */
  readonly difference: number;
}

/** @param spacing size of a voxel per axis, in mm */
export function volumesOf({ tp, fp, fn }: Counts, spacing: readonly number[]): Volumes {
  const voxel = spacing.reduce((product, size) => product * size, 1) / 1000;
  return { predicted: (tp + fp) * voxel, reference: (tp + fn) * voxel, difference: (fp - fn) * voxel };
}
