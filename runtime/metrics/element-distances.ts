import { boundingBox, boxShape, cropMask, type Triple } from './box.js';
import { euclideanDistances } from './distance-transform.js';
import { surfaceElements, type SurfaceElements } from './surface-elements.js';

/** Distances of the elements of one surface to the nearest element of another, ascending, each with its area. */
export interface WeightedDistances {
  readonly distances: Float64Array;
  readonly areas: Float64Array;
}

function directed(from: SurfaceElements, to: SurfaceElements, spacing: Triple): WeightedDistances {
  const all = euclideanDistances(to.features, to.shape, spacing);
  const own: number[] = [];
  from.features.forEach((feature, corner) => {
    if (feature === 1) own.push(corner);
  });
  const order = Uint32Array.from(own).sort((a, b) => all[a]! - all[b]!);
  return {
    distances: Float64Array.from(order, (corner) => all[corner]!),
    areas: Float64Array.from(order, (corner) => from.areas[corner]!),
  };
}

/** Both directions, from the truth to the prediction first. */
export type ElementDistances = readonly [WeightedDistances, WeightedDistances];

/**
 * Distances between the surface elements of two masks, as DeepMind's `surface-distance` defines them (see
 * `surfaceElements`). Computed within the masks' common bounding box, which is exact.
 * @param truth and `prediction`: values of [D, H, W]
 * @param selected 256 entries, 1 for the values that belong to the mask
 * @param spacing [D, H, W] in mm
 * @param isFlat whether the masks are one slice, which has a contour instead of a surface
 * @returns undefined where one of the masks is empty
 */
export function elementDistances(
  truth: Uint8Array,
  prediction: Uint8Array,
  shape: Triple,
  selected: Uint8Array,
  spacing: Triple,
  isFlat = shape[0] === 1,
): ElementDistances | undefined {
  const box = boundingBox([truth, prediction], shape, selected);
  if (box === undefined) return undefined;
  const [first, second] = [truth, prediction].map((volume) =>
    surfaceElements(cropMask(volume, shape, box, selected), boxShape(box), spacing, isFlat),
  ) as [SurfaceElements, SurfaceElements];
  if (!first.features.includes(1) || !second.features.includes(1)) return undefined;
  return [directed(first, second, spacing), directed(second, first, spacing)];
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * The distance at which the cumulative area reaches a percentage, without interpolation; the larger of both directions.
 * DeepMind's robust Hausdorff distance.
 */
export function elementPercentile(both: ElementDistances, percent: number): number {
  const ends = both.map(({ distances, areas }) => {
    const total = sum(areas);
    let covered = 0;
    const index = areas.findIndex((area) => (covered += area) / total >= percent / 100);
    return distances[index === -1 ? distances.length - 1 : index]!;
  });
  return Math.max(...ends);
}
