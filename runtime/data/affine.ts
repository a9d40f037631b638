import type { SpatialHeader } from './types.js';

/** The part of a header that an affine was read from; `pixdim` has neither origin nor orientation. */
export type AffineSource = 'sform' | 'qform' | 'pixdim';

/** Units of length by the low three bits of `xyzt_units` (nifti1.h), each in millimetres. */
const UNITS = [
  { name: 'unknown', millimetres: 1 },
  { name: 'metre', millimetres: 1000 },
  { name: 'millimetre', millimetres: 1 },
  { name: 'micrometre', millimetres: 0.001 },
] as const;

/** Largest cosine between two axes that counts as a right angle: distances are off by at most half of it. */
const PERPENDICULAR = 0.01;
/** Tolerance for rounding in the squared length of a unit quaternion's (b, c, d). */
const QUATERNION_ROUNDING = 1e-3;
/** Ratio of two voxel sizes below which the smaller one counts as 0. */
const VANISHING = 1e-6;

/** The unit of length in `xyzt_units`; `unknown` if it is missing or invalid. */
export function unitName(units: number): (typeof UNITS)[number]['name'] {
  return (UNITS[units & 7] ?? UNITS[0]).name;
}

/** Factor from a file's unit of length to millimetres; a file that states no unit is taken to use millimetres. */
export function millimetresPerUnit(units: number): number {
  return (UNITS[units & 7] ?? UNITS[0]).millimetres;
}

/** nifti1.h: the sform has precedence over the qform, and a file with neither has voxel sizes alone. */
export function affineSource({ sformCode, qformCode }: SpatialHeader): AffineSource {
  return sformCode > 0 ? 'sform' : qformCode > 0 ? 'qform' : 'pixdim';
}

/** Sizes along x, y, z from `pixdim`, in the file's unit; the sign has no meaning. */
function voxelSizes({ pixdim }: SpatialHeader): [number, number, number] {
  return [Math.abs(pixdim[1]), Math.abs(pixdim[2]), Math.abs(pixdim[3])];
}

/** Rotation of the NIfTI quaternion (b, c, d), columns scaled by pixdim and qfac (nifti1.h, method 2). */
function fromQuaternion(header: SpatialHeader): number[] {
  let [b, c, d] = header.quaternion;
  const [, , , x, y, z] = header.quaternion;
  const square = b * b + c * c + d * d;
  if (square > 1) [b, c, d] = [b / Math.sqrt(square), c / Math.sqrt(square), d / Math.sqrt(square)];
  const a = Math.sqrt(Math.max(0, 1 - square));
  const [di, dj, dk] = voxelSizes(header);
  const dz = header.pixdim[0] < 0 ? -dk : dk;
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

function plain(header: SpatialHeader): number[] {
  const [dx, dy, dz] = voxelSizes(header);
  return [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0];
}

const READ: Readonly<Record<AffineSource, (header: SpatialHeader) => readonly number[]>> = {
  sform: ({ rows }) => rows,
  qform: fromQuaternion,
  pixdim: plain,
};

/**
 * Row-major 4 x 4 matrix from (x, y, z, 1) to millimetres, according to `xyzt_units`; by default the transform that the
 * header selects.
 */
export function affineOf(header: SpatialHeader, source: AffineSource = affineSource(header)): number[] {
  const scale = millimetresPerUnit(header.units);
  return [...READ[source](header).map((entry) => entry * scale), 0, 0, 0, 1];
}

/** A column of an affine: the step from a voxel to the next along x (0), y (1) or z (2). */
export function stepOf(affine: readonly number[], axis: number): [number, number, number] {
  return [affine[axis] ?? NaN, affine[4 + axis] ?? NaN, affine[8 + axis] ?? NaN];
}

/** Lengths of the steps along x, y and z: the size of a voxel. */
export function stepLengths(affine: readonly number[]): [number, number, number] {
  const length = (axis: number): number => Math.hypot(...stepOf(affine, axis));
  return [length(0), length(1), length(2)];
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);
}

/**
 * The reason why an affine is unusable, as the end of a sentence about the file; undefined if it maps the grid to space
 * with perpendicular axes, as distances and volumes require.
 */
export function affineProblem(header: SpatialHeader): { code: string; fault: string } | undefined {
  const source = affineSource(header);
  const affine = affineOf(header, source);
  const unusable = (fault: string) => ({ code: 'UNET6121', fault });
  if (!affine.every(Number.isFinite)) return unusable(`has an affine (${source}) that contains NaN or infinity`);
  const [b, c, d] = header.quaternion;
  if (source === 'qform' && dot([b, c, d], [b, c, d]) > 1 + QUATERNION_ROUNDING) {
    return unusable(`has a qform whose quaternion (${b}, ${c}, ${d}) is longer than 1`);
  }
  const sizes = stepLengths(affine);
  const axis = sizes.findIndex((size) => !(size > VANISHING * Math.max(...sizes)));
  if (axis !== -1) return unusable(`has a voxel size of 0 along ${'xyz'[axis]} in its affine (${source})`);
  return skewOf(affine, sizes, source);
}

const PAIRS = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

function skewOf(affine: readonly number[], sizes: readonly number[], source: AffineSource) {
  for (const [a, b] of PAIRS) {
    const cosine = dot(stepOf(affine, a), stepOf(affine, b)) / ((sizes[a] ?? 1) * (sizes[b] ?? 1));
    if (Math.abs(cosine) <= PERPENDICULAR) continue;
    const degrees = ((Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI).toFixed(1);
    const fault = `is sheared: its axes ${'xyz'[a]} and ${'xyz'[b]} meet at ${degrees}° in its affine (${source})`;
    return { code: 'UNET6122', fault };
  }
  return undefined;
}
