import type { VoxelArray } from './nifti.js';

/** The smallest number that float32 represents with full precision, 2^-126. */
const LEAST = 2 ** -126;
/** The fraction of a channel's standard deviation by which rounding may change a voxel. */
const VISIBLE = 1e-3;

/** The precision lost by storing a channel as float32. */
export interface Float32Loss {
  /** Finite voxels that become infinite. */
  readonly overflowing: number;
  /** Whether all nonzero voxels are so small that they lose precision or become 0. */
  readonly vanishing: boolean;
  /** Whether rounding changes voxels by more than a thousandth of the standard deviation of the nonzero voxels. */
  readonly imprecise: boolean;
}

/** Whether an array's type has values that float32 cannot represent. */
export function isWide(data: VoxelArray): data is Int32Array | Uint32Array | Float64Array {
  return data instanceof Int32Array || data instanceof Uint32Array || data instanceof Float64Array;
}

/** Measures the loss of the voxels in [from, to) as float32; undefined if their type has no higher precision. */
export function float32Loss(data: VoxelArray, from: number, to: number): Float32Loss | undefined {
  if (!isWide(data)) return undefined;
  let [overflowing, largest, change, count, sum, squares] = [0, 0, 0, 0, 0, 0];
  let first: number | undefined;
  for (let i = from; i < to; i++) {
    const value = data[i] as number;
    if (value === 0 || !Number.isFinite(value)) continue;
    const stored = Math.fround(value);
    if (!Number.isFinite(stored)) {
      overflowing++;
      continue;
    }
    largest = Math.max(largest, Math.abs(value));
    change = Math.max(change, Math.abs(value - stored));
    first ??= value;
    count++;
    sum += value - first;
    squares += (value - first) * (value - first);
  }
  const variance = count === 0 ? 0 : squares / count - (sum / count) ** 2;
  return {
    overflowing,
    vanishing: largest > 0 && largest < LEAST,
    imprecise: change > VISIBLE * Math.sqrt(Math.max(0, variance)) && variance > 0,
  };
}
