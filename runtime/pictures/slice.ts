import type { Triple } from '../metrics/box.js';
import type { Plane } from './plane.js';

/** A slice on a raster of square pixels: for each pixel the index of its voxel, nearest to its centre. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly voxels: Int32Array;
}

/** For each pixel of a side its voxel's place along the axis. */
function places([first, end]: readonly [number, number], spacing: number, perMm: number, flip: boolean): Int32Array {
  const length = Math.max(1, Math.round((end - first) * spacing * perMm));
  const forward = Int32Array.from({ length }, (_, pixel) =>
    Math.min(end - 1, first + Math.floor((pixel + 0.5) / (perMm * spacing))),
  );
  return flip ? forward.reverse() : forward;
}

/**
 * Lays a slice of a volume out as pixels.
 * @param slice its index along the plane's axis
 * @param extents shown, [first, end) for each of [D, H, W]
 * @param perMm pixels for one millimetre
 */
export function rasterOf(
  shape: Triple,
  spacing: Triple,
  plane: Plane,
  slice: number,
  extents: readonly (readonly [number, number])[],
  perMm: number,
): Raster {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const side = ({ axis, flip }: Plane['rows']): Int32Array =>
    places(extents[axis]!, spacing[axis]!, perMm, flip).map((place) => place * strides[axis]!);
  const [rows, columns] = [side(plane.rows), side(plane.columns)];
  const base = slice * strides[plane.axis]!;
  const voxels = new Int32Array(rows.length * columns.length);
  let at = 0;
  for (const row of rows) for (const column of columns) voxels[at++] = base + row + column;
  return { width: columns.length, height: rows.length, voxels };
}

/** How many selected voxels each slice along an axis holds. */
export function selectedPerSlice(labels: Uint8Array, shape: Triple, axis: number, selected: Uint8Array): number[] {
  const stride = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const counts = new Array<number>(shape[axis]!).fill(0);
  for (let i = 0; i < labels.length; i++)
    if (selected[labels[i]!] === 1) counts[Math.floor(i / stride) % shape[axis]!]! += 1;
  return counts;
}

/** 256 flags: which values of a voxel belong to a label. */
export function flagsOf(values: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => (values.includes(value) ? 1 : 0));
}

/** The mask of a label on a raster. */
export function maskOn({ voxels }: Raster, labels: Uint8Array, selected: Uint8Array): Uint8Array {
  const mask = new Uint8Array(voxels.length);
  for (let at = 0; at < mask.length; at++) mask[at] = selected[labels[voxels[at]!]!]!;
  return mask;
}

/** The inner rim of a mask on a raster, `thickness` pixels wide. */
export function rimOf(mask: Uint8Array, { width, height }: Raster, thickness: number): Uint8Array {
  const open = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 0;
  return mask.map((inside, at) => {
    if (inside === 0) return 0;
    const [x, y] = [at % width, Math.floor(at / width)];
    for (let dy = -thickness; dy <= thickness; dy++)
      for (let dx = -thickness; dx <= thickness; dx++)
        if (Math.abs(dx) + Math.abs(dy) <= thickness && open(x + dx, y + dy)) return 1;
    return 0;
  });
}
