import type { FloatTensor } from '../data/types.js';

/** The values beyond the volume: zeros, or the volume mirrored at its border voxels. */
export type Border = 'zero' | 'mirror';

/**
 * The index inside `[0, extent)` for a position beyond it, mirrored without repeating the border voxel (numpy's
 * `reflect`).
 */
function mirror(index: number, extent: number): number {
  if (extent === 1) return 0;
  const period = 2 * (extent - 1);
  const folded = ((index % period) + period) % period;
  return folded < extent ? folded : period - folded;
}

/** For each voxel of a window along an axis, the index in the volume, -1 for none. */
function axisIndices(origin: number, size: number, extent: number, border: Border): Int32Array {
  return Int32Array.from({ length: size }, (_, i) => {
    const index = origin + i;
    if (index >= 0 && index < extent) return index;
    return border === 'zero' ? -1 : mirror(index, extent);
  });
}

function copyRow(from: Float32Array, base: number, columns: Int32Array, to: Float32Array, at: number): void {
  const first = columns[0]!;
  const last = columns[columns.length - 1]!;
  if (first >= 0 && last - first === columns.length - 1) {
    to.set(from.subarray(base + first, base + last + 1), at);
    return;
  }
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    to[at + i] = column < 0 ? 0 : from[base + column]!;
  }
}

/**
 * Copies a window of all channels into a batch.
 * @param volume [C, ...spatial]
 * @param origin of the window, per spatial axis; may lie outside
 * @param patch the window's size, per spatial axis
 * @param target receives [C, ...patch] from index `at` on
 */
export function gatherWindow(
  volume: FloatTensor,
  origin: readonly number[],
  patch: readonly number[],
  border: Border,
  target: Float32Array,
  at: number,
): void {
  const [channels = 0, ...extents] = volume.shape;
  const indices = patch.map((size, axis) => axisIndices(origin[axis]!, size, extents[axis]!, border));
  const columns = indices.pop()!;
  const width = extents.pop()!;
  let next = at;
  const walk = (axis: number, base: number): void => {
    if (axis === indices.length) {
      if (base >= 0) copyRow(volume.data, base * width, columns, target, next);
      else target.fill(0, next, next + columns.length);
      next += columns.length;
      return;
    }
    for (const index of indices[axis]!) walk(axis + 1, base < 0 || index < 0 ? -1 : base * extents[axis]! + index);
  };
  for (let channel = 0; channel < channels; channel++) walk(0, channel);
}
