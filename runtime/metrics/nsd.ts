import type { ElementDistances } from './element-distances.js';

/** Relative: so that a voxel of 1.0000001 mm, as float32 headers have it, is within a tolerance of 1 mm. */
const ROUNDING = 1e-6;

/**
 * The normalised surface Dice: the area of both surfaces that lies within the tolerance of the other surface, divided
 * by the area of both. DeepMind's definition, which weights by area (Nikolov et al. 2021, doi:10.2196/26151), and the
 * one Metrics Reloaded refers to; MONAI's default counts voxels instead.
 * @param tolerance in mm; a distance equal to it is within it
 * @returns 0 to 1
 */
export function surfaceDice(both: ElementDistances, tolerance: number): number {
  let within = 0;
  let total = 0;
  for (const { distances, areas } of both)
    areas.forEach((area, index) => {
      total += area;
      if (distances[index]! <= tolerance * (1 + ROUNDING)) within += area;
    });
  return within / total;
}
