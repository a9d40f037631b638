import type { SurfaceDistances } from './hausdorff.js';

/**
 * The average symmetric surface distance: the mean over the surface voxels of both masks of the distance to the nearest
 * surface voxel of the other, both directions pooled, as in MedPy and MONAI. The mean of the two directed means differs
 * from it where one surface is larger.
 * @returns mm
 */
export function averageSurfaceDistance([forward, backward]: SurfaceDistances): number {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return (sum(forward) + sum(backward)) / (forward.length + backward.length);
}
