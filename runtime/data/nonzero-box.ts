import type { Box } from './box.js';
import type { VoxelSource } from './voxel-source.js';

/**
 * Returns the smallest box that contains every voxel that is not 0, as stored, in any of some channels: what nnU-Net
 * crops a case to. Sizes are 0 if all voxels are 0. A volume whose air is not 0 (CT in Hounsfield units) is its own box.
 * @param channels channels of the file
 */
export async function nonzeroBox(source: VoxelSource, channels: readonly number[]): Promise<Box> {
  const { shape } = source.geometry;
  const [, height, width] = shape;
  const first = [...shape];
  const end = [0, 0, 0];
  const widen = (axis: number, from: number, to: number): void => {
    if (from < first[axis]!) first[axis] = from;
    if (to > end[axis]!) end[axis] = to;
  };
  await source.image({ origin: [0, 0, 0], size: shape }, channels, (_, data, from, count, to) => {
    let low = 0;
    while (low < count && data[from + low] === 0) low++;
    if (low === count) return;
    let high = count;
    while (data[from + high - 1] === 0) high--;
    const row = Math.floor(to / width);
    widen(0, Math.floor(row / height), Math.floor(row / height) + 1);
    widen(1, row % height, (row % height) + 1);
    widen(2, (to % width) + low, (to % width) + high);
  });
  if (end[0] === 0) return { origin: [0, 0, 0], size: [0, 0, 0] };
  const [z, y, x] = first as [number, number, number];
  return { origin: [z, y, x], size: [end[0]! - z, end[1]! - y, end[2]! - x] };
}
