import type { Geometry, SpatialHeader } from './types.js';

/** Rotation of the NIfTI quaternion (b, c, d), columns scaled by pixdim and qfac (nifti1.h, method 2). */
function fromQuaternion(header: SpatialHeader): number[] {
  const [b, c, d, x, y, z] = header.quaternion;
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const [qfac, di, dj, dk] = header.pixdim;
  const dz = qfac < 0 ? -dk : dk;
  return [
    (a * a + b * b - c * c - d * d) * di,
    2 * (b * c - a * d) * dj,
    2 * (b * d + a * c) * dz,
    x,
    2 * (b * c + a * d) * di,
    (a * a + c * c - b * b - d * d) * dj,
    2 * (c * d - a * b) * dz,
    y,
    2 * (b * d - a * c) * di,
    2 * (c * d + a * b) * dj,
    (a * a + d * d - b * b - c * c) * dz,
    z,
  ];
}

/** Row-major 4 x 4 from (x, y, z, 1) to millimetres: the sform, else the qform, else the spacing alone (nifti1.h). */
export function affineOf(header: SpatialHeader): number[] {
  const [, dx, dy, dz] = header.pixdim;
  const plain = [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0];
  const top = header.sformCode > 0 ? header.rows : header.qformCode > 0 ? fromQuaternion(header) : plain;
  return [...top, 0, 0, 0, 1];
}

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
  const length = [0, 1, 2].map((column) => Math.hypot(entry(0, column), entry(1, column), entry(2, column)) || 1);
  const cosine = (row: number, column: number): number => entry(row, column) / (length[column] ?? 1);
  const strength = (rows: readonly number[]): number =>
    rows.reduce((sum, row, column) => sum + Math.abs(cosine(row, column)), 0);
  const best = orders.reduce((a, b) => (strength(b) > strength(a) + 1e-9 ? b : a));
  return best.map((row, column) => DIRECTIONS[row]?.[cosine(row, column) < 0 ? 0 : 1] ?? '?').join('');
}

/** Puts together what is known of a volume's place in space. */
export function geometryOf(shape: readonly [number, number, number], header: SpatialHeader): Geometry {
  const affine = affineOf(header);
  const [, dx, dy, dz] = header.pixdim;
  return { shape, spacing: [dz, dy, dx], affine, orientation: orientationOf(affine), header };
}

/** Whether two volumes have the same number of voxels along each axis. */
export function sameShape(a: Geometry, b: Geometry): boolean {
  return a.shape.every((size, axis) => size === b.shape[axis]);
}

/**
 * Whether two volumes of one shape lie in the same place: no corner of the grid is moved by more than a tenth of the
 * smallest spacing, which headers rounded to float32 or to a few digits fulfil.
 */
export function samePlace(a: Geometry, b: Geometry): boolean {
  const [depth, height, width] = a.shape;
  const tolerance = 0.1 * Math.min(...a.spacing);
  for (let corner = 0; corner < 8; corner++) {
    const voxel = [corner & 1 ? width - 1 : 0, corner & 2 ? height - 1 : 0, corner & 4 ? depth - 1 : 0, 1];
    for (let row = 0; row < 3; row++) {
      let moved = 0;
      for (let k = 0; k < 4; k++) {
        moved += ((a.affine[row * 4 + k] ?? 0) - (b.affine[row * 4 + k] ?? 0)) * (voxel[k] ?? 0);
      }
      if (!(Math.abs(moved) <= tolerance)) return false;
    }
  }
  return true;
}

/** A geometry with identity directions and no offset, for volumes that come from no file. */
export function plainGeometry(
  shape: readonly [number, number, number],
  spacing: readonly [number, number, number] = [1, 1, 1],
): Geometry {
  const [dz, dy, dx] = spacing;
  return geometryOf(shape, {
    pixdim: [1, dx, dy, dz],
    qformCode: 1,
    sformCode: 1,
    quaternion: [0, 0, 0, 0, 0, 0],
    rows: [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0],
    units: 2,
  });
}
