import type { Box } from './box.js';
import type { Bounds } from './voxel-source.js';

/** Edge length of the blocks in which foreground is counted. */
const EDGE = 8;

/** The number of foreground voxels in each block of 8 x 8 x 8, from 0 to 512. */
export interface ForegroundBlocks {
  readonly counts: Uint16Array;
  /** Blocks along each axis; the last ones may extend beyond the volume. */
  readonly shape: readonly [number, number, number];
}

/** The number of blocks along the axes of a volume. */
export function blockShape(size: Box['size']): [number, number, number] {
  const blocks = (length: number): number => Math.ceil(length / EDGE);
  return [blocks(size[0]), blocks(size[1]), blocks(size[2])];
}

/** Counts the voxels of a label [D, H, W] that are not 0. */
export function countBlocks(label: Uint8Array, size: Box['size']): ForegroundBlocks {
  const [depth, height, width] = size;
  const shape = blockShape(size);
  const counts = new Uint16Array(shape[0] * shape[1] * shape[2]);
  for (let row = 0; row < depth * height; row++) {
    const z = Math.floor(row / height / EDGE);
    const base = (z * shape[1] + Math.floor((row % height) / EDGE)) * shape[2];
    for (let x = 0; x < width; x++) {
      if (label[row * width + x] === 0) continue;
      const block = base + Math.floor(x / EDGE);
      counts[block] = (counts[block] as number) + 1;
    }
  }
  return { counts, shape };
}

/** Blocks that overlap a range of an axis, and those entirely inside it. */
function blocksOf(origin: number, size: number, count: number): { touched: [number, number]; whole: [number, number] } {
  const clamp = (block: number): number => Math.min(count, Math.max(0, block));
  const [from, to] = [origin / EDGE, (origin + size) / EDGE];
  return {
    touched: [clamp(Math.floor(from)), clamp(Math.ceil(to))],
    whole: [clamp(Math.ceil(from)), clamp(Math.floor(to))],
  };
}

/** Bounds of the foreground in a box: at least that of the blocks inside it, at most that of those overlapping it. */
export function foregroundBounds({ counts, shape }: ForegroundBlocks, box: Box): Bounds {
  const [z, y, x] = [0, 1, 2].map((axis) =>
    blocksOf(box.origin[axis] as number, box.size[axis] as number, shape[axis] as number),
  ) as [ReturnType<typeof blocksOf>, ReturnType<typeof blocksOf>, ReturnType<typeof blocksOf>];
  const inside = (block: number, [from, to]: readonly [number, number]): boolean => block >= from && block < to;
  let [atLeast, atMost] = [0, 0];
  for (let k = z.touched[0]; k < z.touched[1]; k++) {
    for (let j = y.touched[0]; j < y.touched[1]; j++) {
      const rowInside = inside(k, z.whole) && inside(j, y.whole);
      for (let i = x.touched[0]; i < x.touched[1]; i++) {
        const count = counts[(k * shape[1] + j) * shape[2] + i] as number;
        atMost += count;
        if (rowInside && inside(i, x.whole)) atLeast += count;
      }
    }
  }
  return { atLeast, atMost };
}
