/**
 * What nnU-Net plans from (Isensee et al. 2021): the shapes and spacings of the training cases, and what the channels
 * and labels are called. All axes are [D, H, W] = the file's [z, y, x], which is nnU-Net's order too.
 */

/** Sizes along [D, H, W]. */
export type Triple = readonly [number, number, number];

export interface Fingerprint {
  /** Millimetres, by training case. */
  readonly spacings: readonly Triple[];
  /** Voxels after cropping to the box of nonzero voxels, by training case, in the case's own spacing. */
  readonly shapes: readonly Triple[];
  /** Median over the cases of the voxels kept by cropping divided by the voxels before, in (0, 1]. */
  readonly relativeSize: number;
  /** Names of the channels in file order. */
  readonly channels: readonly string[];
  /** The number of labels including the background, regions and an `ignore` label. */
  readonly labels: number;
}
