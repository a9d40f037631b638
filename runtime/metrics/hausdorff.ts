import { boundingBox, boxShape, cropMask, type Triple } from './box.js';
import { euclideanDistances } from './distance-transform.js';

/**
 * The surface of a mask: its voxels with a face neighbour outside it (6-connectivity; everything beyond the array is
 * outside). Axes with `flat` set have no neighbours, so that not every voxel in a volume of one slice is surface.
 */
export function surfaceOf(mask: Uint8Array, shape: Triple, flat: readonly boolean[]): Uint8Array {
  const [depth, height, width] = shape;
  const strides = [height * width, width, 1];
  const surface = new Uint8Array(mask.length);
  let at = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, at++) {
        if (mask[at] === 0) continue;
        const place = [z, y, x];
        for (let axis = 0; axis < 3; axis++) {
          if (flat[axis] === true) continue;
          const stride = strides[axis]!;
          const open =
            place[axis] === 0 || place[axis] === shape[axis]! - 1 || mask[at - stride] === 0 || mask[at + stride] === 0;
          if (open) surface[at] = 1;
        }
      }
  return surface;
}

/** A percentile with linear interpolation between ranks (numpy's default). Sorts `values`, which must not be empty. */
export function percentile(values: Float64Array, percent: number): number {
  values.sort();
  const rank = (percent / 100) * (values.length - 1);
  const below = values[Math.floor(rank)]!;
  return below + (values[Math.ceil(rank)]! - below) * (rank - Math.floor(rank));
}

/** Distances of the voxels of one surface to another surface. */
function directedDistances(from: Uint8Array, to: Uint8Array, shape: Triple, spacing: Triple): Float64Array {
  const distances = euclideanDistances(to, shape, spacing);
  return distances.filter((_, index) => from[index] === 1);
}

/** Distances of the surface voxels of the truth to the surface of the prediction, and the reverse, in mm. */
export type SurfaceDistances = readonly [Float64Array, Float64Array];

/**
 * The distances between the surface voxels of two masks. Computed within their common bounding box, which is exact.
 * @param truth and `prediction`: values of [D, H, W]
 * @param selected 256 entries, 1 for the values that belong to the mask
 * @param spacing [D, H, W] in mm
 * @returns undefined where one of the masks is empty
 */
export function surfaceDistances(
  truth: Uint8Array,
  prediction: Uint8Array,
  shape: Triple,
  selected: Uint8Array,
  spacing: Triple,
): SurfaceDistances | undefined {
  const box = boundingBox([truth, prediction], shape, selected);
  if (box === undefined) return undefined;
  const size = boxShape(box);
  const flat = shape.map((extent) => extent === 1);
  const [first, second] = [truth, prediction].map((volume) =>
    surfaceOf(cropMask(volume, shape, box, selected), size, flat),
  ) as [Uint8Array, Uint8Array];
  if (!first.includes(1) || !second.includes(1)) return undefined;
  return [directedDistances(first, second, size, spacing), directedDistances(second, first, size, spacing)];
}

/**
 * The 95 % Hausdorff distance between two masks: the larger of the two directed 95th percentiles of the distances from
 * each surface voxel of one mask to the nearest surface voxel of the other. As in Metrics Reloaded (Maier-Hein et al.
 * 2024) and MONAI; MedPy pools both directions before it takes the percentile, and gives at most this value.
 * @returns mm
 */
export function hausdorff95([forward, backward]: SurfaceDistances): number {
  return Math.max(percentile(forward, 95), percentile(backward, 95));
}
