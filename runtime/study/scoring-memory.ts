/** Bytes of a process that has loaded an engine and a network but no case. */
const process = 300 * 2 ** 20;
/** Bytes per voxel in addition to images and predictions: weights of windows, labels, distances to surfaces. */
const perVoxel = 28;

/**
 * Bytes needed to score a whole case: its images and, twice, a probability for each label, all float32. Fitted to the
 * peak resident memory of 42 jobs (phantoms of 48^3, BraTS cases of 155 x 240 x 240; 328 to 1,021 MiB).
 * @param shape voxels along the spatial axes
 */
export function scoringMemory(shape: readonly number[], channels: number, labels: number): number {
  const voxels = shape.reduce((product, size) => product * size, 1);
  return process + voxels * (4 * channels + 8 * labels + perVoxel);
}

/** Bytes of the process that supervises a job's own. */
export const watcherMemory = 90 * 2 ** 20;
