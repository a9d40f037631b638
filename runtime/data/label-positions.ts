/** Where the foreground of a case lies: a sample of the voxels of each class. */
import { boxVolume } from './box.js';
import type { VoxelSource } from './voxel-source.js';

/** The most voxels of a class that are kept: enough to be spread over the whole of it. */
const KEPT = 4096;

/** Voxels of one class, as indices into the volume. */
export interface ClassVoxels {
  /** The label value of the data set. */
  readonly value: number;
  readonly voxels: Uint32Array;
}

const known = new WeakMap<VoxelSource, Promise<readonly ClassVoxels[]>>();

/**
 * Returns voxels of each class of a case other than 0, in the order of the label values: all of them, or every n-th so
 * that at most 4096 remain. The label is read once for each open case.
 */
export function foregroundOf(source: VoxelSource): Promise<readonly ClassVoxels[]> {
  const before = known.get(source);
  if (before !== undefined) return before;
  const positions = findForeground(source);
  known.set(source, positions);
  positions.catch(() => known.delete(source));
  return positions;
}

async function findForeground(source: VoxelSource): Promise<readonly ClassVoxels[]> {
  const whole = { origin: [0, 0, 0], size: source.geometry.shape } as const;
  const label = new Uint8Array(boxVolume(whole));
  await source.label(whole, (data, from, count, to) => {
    for (let i = 0; i < count; i++) label[to + i] = data[from + i] as number;
  });
  const counts = new Uint32Array(256);
  for (let i = 0; i < label.length; i++) counts[label[i]!]!++;
  const kept = Array.from(counts, (count, value) => {
    const every = Math.ceil(count / KEPT);
    return new Uint32Array(value === 0 || count === 0 ? 0 : Math.ceil(count / every));
  });
  const seen = new Uint32Array(256);
  for (let i = 0; i < label.length; i++) {
    const value = label[i]!;
    if (value === 0) continue;
    const every = Math.ceil(counts[value]! / KEPT);
    const nth = seen[value]!++;
    if (nth % every === 0) kept[value]![nth / every] = i;
  }
  return kept.map((voxels, value) => ({ value, voxels })).filter(({ voxels }) => voxels.length > 0);
}
