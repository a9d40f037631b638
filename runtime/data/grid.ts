import { stepLengths } from './affine.js';
import type { Geometry } from './types.js';

/** A grid of voxels in space: a `Geometry` without the header it was read from. */
export type Grid = Pick<Geometry, 'shape' | 'spacing' | 'affine' | 'orientation'>;

/** Relative difference below which two voxel sizes are equal: headers are rounded to float32 or to a few digits. */
const SAME_SIZE = 1e-3;

const DIRECTIONS = [
  ['L', 'R'],
  ['P', 'A'],
  ['I', 'S'],
] as const;

/** For each axis of the file (x, y, z) the anatomical direction it points to most: `RAS`, `LPS`, `SRA`, ... */
export function orientationOf(affine: readonly number[]): string {
  const entry = (row: number, column: number): number => affine[row * 4 + column] ?? 0;
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const length = stepLengths(affine);
  const cosine = (row: number, column: number): number => entry(row, column) / (length[column] ?? 1);
  const strength = (rows: readonly number[]): number =>
    rows.reduce((sum, row, column) => sum + Math.abs(cosine(row, column)), 0);
  const best = orders.reduce((a, b) => (strength(b) > strength(a) + 1e-9 ? b : a));
  return best.map((row, column) => DIRECTIONS[row]?.[cosine(row, column) < 0 ? 0 : 1] ?? '?').join('');
}

/** The grid of an affine. */
export function gridOf(shape: Grid['shape'], affine: readonly number[]): Grid {
  const [dx, dy, dz] = stepLengths(affine);
  return { shape, spacing: [dz, dy, dx], affine, orientation: orientationOf(affine) };
}

/** Whether two volumes have the same number of voxels along each axis. */
export function sameShape(a: Grid, b: Grid): boolean {
  return a.shape.every((size, axis) => size === b.shape[axis]);
}

/** Whether two voxel sizes differ only by rounding on every axis, whatever the unit. */
export function sameSpacing(a: readonly number[], b: readonly number[]): boolean {
  const same = (size: number, other: number): boolean => Math.abs(size - other) <= SAME_SIZE * Math.max(size, other);
  return a.length === b.length && a.every((size, axis) => same(size, b[axis] ?? NaN));
}

/** Voxel sizes with four significant digits: `0.9766 x 0.9766 x 3`. */
export function spacingText(spacing: readonly number[]): string {
  return spacing.map((size) => String(Number(size.toPrecision(4)))).join(' x ');
}
