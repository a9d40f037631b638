import type { Triple } from '../metrics/box.js';
import { anatomicalPlanes, type Plane } from './plane.js';
import { selectedPerSlice } from './slice.js';

/** `chooseSlice` and `chooseChannel` in words, for captions. */
export const SLICE_RULE =
  'the plane has the finest voxels (axial if all are equal); in its slice, the cross-sections of the classes in the ground truth, each as a share of its largest, sum to the most; the channel is the one in which, in this slice, the labelled voxels differ most from those within 5 voxels around them, in standard deviations';

/** Distance up to which voxels count as the surroundings of a structure. */
const AROUND = 5;

/** The plane whose slices have the finest voxels: across the axis of the largest spacing, the axial one if they are equal. */
export function choosePlane(shape: Triple, spacing: Triple, orientation: string): Plane {
  const planes = anatomicalPlanes(orientation).filter(
    ({ rows, columns }) => shape[rows.axis]! > 1 && shape[columns.axis]! > 1,
  );
  const [first, ...rest] = planes.length === 0 ? anatomicalPlanes(orientation) : planes;
  return rest.reduce((best, plane) => (spacing[plane.axis]! > 1.01 * spacing[best.axis]! ? plane : best), first!);
}

/**
 * The slice that shows the classes best: the one in which their cross-sections, each as a share of its own largest, sum
 * to the most; the middle one if the truth has no class. It depends on the truth alone, so all networks show the same.
 * @param labels 256 flags for each class
 */
export function chooseSlice(
  truth: Uint8Array | undefined,
  shape: Triple,
  { axis }: Plane,
  labels: readonly Uint8Array[],
): number {
  const shares = new Array<number>(shape[axis]!).fill(0);
  for (const selected of truth === undefined ? [] : labels) {
    const counts = selectedPerSlice(truth!, shape, axis, selected);
    const most = Math.max(...counts);
    if (most > 0) counts.forEach((count, slice) => (shares[slice]! += count / most));
  }
  const best = Math.max(...shares);
  return best === 0 ? Math.floor(shape[axis]! / 2) : shares.indexOf(best);
}

/** A grid of voxels, row by row. */
export interface Grid {
  readonly width: number;
  readonly height: number;
}

/** Whether each voxel is outside a mask and at most `AROUND` voxels from it along a row and a column. */
function surroundings(mask: Uint8Array, { width, height }: Grid): Uint8Array {
  const spread = (from: Uint8Array, step: number, length: number, place: (at: number) => number): Uint8Array =>
    from.map((_, at) => {
      const first = Math.max(-AROUND, -place(at));
      const last = Math.min(AROUND, length - 1 - place(at));
      for (let shift = first; shift <= last; shift++) if (from[at + shift * step] === 1) return 1;
      return 0;
    });
  const across = spread(mask, 1, width, (at) => at % width);
  const near = spread(across, width, height, (at) => Math.floor(at / width));
  return near.map((value, at) => (mask[at] === 1 ? 0 : value));
}

/** Mean and variance of the voxels that a mask selects. */
function momentsOf(values: Float32Array, mask: Uint8Array): { readonly mean: number; readonly variance: number } {
  const own = values.filter((value, at) => mask[at] === 1 && Number.isFinite(value));
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  return { mean, variance: own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length };
}

/**
 * The channel in which a structure differs most from its surroundings: by the difference of their means in standard
 * deviations (of both, pooled). The first if the structure is empty or fills the slice.
 * @param channels one slice, in each channel
 * @param mask whether each voxel of the slice belongs to the structure
 */
export function chooseChannel(channels: readonly Float32Array[], mask: Uint8Array, grid: Grid): number {
  const around = surroundings(mask, grid);
  const contrasts = channels.map((values) => {
    const [inside, outside] = [momentsOf(values, mask), momentsOf(values, around)];
    const deviation = Math.sqrt((inside.variance + outside.variance) / 2);
    const contrast = Math.abs(inside.mean - outside.mean) / deviation;
    return Number.isFinite(contrast) ? contrast : 0;
  });
  return contrasts.indexOf(Math.max(...contrasts));
}
