import { dot, stepOf } from './affine.js';
import { type Grid, sameShape, sameSpacing } from './grid.js';

/**
 * The relation between the grids of two volumes.
 * - `same`: each voxel has the same position as the voxel with the same index.
 * - `reoriented`: the voxels have the same positions, but the axes are stored in another order or direction.
 * - `shape`, `orientation`, `spacing`, `rotation`, `shift`: the first respect in which the grids differ otherwise.
 */
export type Placement = 'same' | 'reoriented' | 'shape' | 'orientation' | 'spacing' | 'rotation' | 'shift';

/** Tolerance for positions as a fraction of a voxel: headers are rounded to float32 or to a few digits. */
const TOLERANCE = 0.1;

type Triple = readonly [number, number, number];

function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** The fractional index (x, y, z) in a grid of a position in space. */
function indexAt(affine: readonly number[], place: Triple): Triple {
  const [x, y, z] = [stepOf(affine, 0), stepOf(affine, 1), stepOf(affine, 2)];
  const origin = stepOf(affine, 3);
  const from: Triple = [place[0] - origin[0], place[1] - origin[1], place[2] - origin[2]];
  const volume = dot(x, cross(y, z));
  return [dot(cross(y, z), from) / volume, dot(cross(z, x), from) / volume, dot(cross(x, y), from) / volume];
}

function placeOf(affine: readonly number[], index: Triple): Triple {
  const row = (k: number): number => dot(affine.slice(4 * k, 4 * k + 4), [...index, 1]);
  return [row(0), row(1), row(2)];
}

/** The number of voxels along x, y, z. */
function extents({ shape }: Grid): Triple {
  return [shape[2], shape[1], shape[0]];
}

/** The axis of `b`, and its direction, that corresponds to an axis of `a`. */
interface Match {
  readonly axis: number;
  readonly reversed: boolean;
}

/** For each axis of `a`, the axis of `b` along which a step moves most. */
function matchAxes(a: Grid, b: Grid): readonly Match[] {
  const origin = indexAt(b.affine, placeOf(a.affine, [0, 0, 0]));
  return [0, 1, 2].map((axis) => {
    const unit: Triple = [axis === 0 ? 1 : 0, axis === 1 ? 1 : 0, axis === 2 ? 1 : 0];
    const step = indexAt(b.affine, placeOf(a.affine, unit)).map((index, k) => index - (origin[k] ?? 0));
    const along = step.reduce((best, size, k) => (Math.abs(size) > Math.abs(step[best] ?? 0) ? k : best), 0);
    return { axis: along, reversed: (step[along] ?? 0) < 0 };
  });
}

/** Whether each corner of `a`, with its axes matched, has the same position as the corresponding corner of `b`. */
function sameCorners(a: Grid, b: Grid, matches: readonly Match[]): boolean {
  const [own, other] = [extents(a), extents(b)];
  for (let corner = 0; corner < 8; corner++) {
    const index: Triple = [corner & 1 ? own[0] - 1 : 0, corner & 2 ? own[1] - 1 : 0, corner & 4 ? own[2] - 1 : 0];
    const found = indexAt(b.affine, placeOf(a.affine, index));
    const fits = matches.every(({ axis, reversed }, k) => {
      const expected = reversed ? (other[axis] ?? 0) - 1 - (index[k] ?? 0) : (index[k] ?? 0);
      return Math.abs((found[axis] ?? NaN) - expected) <= TOLERANCE;
    });
    if (!fits) return false;
  }
  return true;
}

/** The largest angle between corresponding axes, in degrees. */
export function angleBetween(a: Grid, b: Grid): number {
  const angles = [0, 1, 2].map((axis) => {
    const [own, other] = [stepOf(a.affine, axis), stepOf(b.affine, axis)];
    return Math.atan2(Math.hypot(...cross(own, other)), dot(own, other));
  });
  return (Math.max(...angles) * 180) / Math.PI;
}

/** From the centre of `b` to the centre of `a`, in millimetres along right, anterior, superior. */
export function shiftBetween(a: Grid, b: Grid): Triple {
  const centre = (each: Grid): Triple => {
    const [x, y, z] = extents(each);
    return placeOf(each.affine, [(x - 1) / 2, (y - 1) / 2, (z - 1) / 2]);
  };
  const [own, other] = [centre(a), centre(b)];
  return [own[0] - other[0], own[1] - other[1], own[2] - other[2]];
}

/** Whether the directions of the axes differ by less than a tenth of a voxel over the whole extent of a grid. */
function sameDirections(a: Grid, b: Grid): boolean {
  const origin = stepOf(b.affine, 3);
  const moved = a.affine.map((entry, k) => (k % 4 === 3 && k < 12 ? (origin[(k - 3) / 4] ?? 0) : entry));
  return sameCorners(
    { ...a, affine: moved },
    b,
    [0, 1, 2].map((axis) => ({ axis, reversed: false })),
  );
}

/**
 * The relation of the grid of `a` to that of `b`; positions are equal within a tenth of a voxel along each axis. The
 * direction of an axis with one voxel does not matter.
 */
export function placementOf(a: Grid, b: Grid): Placement {
  const matches = matchAxes(a, b);
  const [own, other] = [extents(a), extents(b)];
  const sameSizes = matches.every(({ axis }, k) => own[k] === other[axis]);
  const oneToOne = new Set(matches.map(({ axis }) => axis)).size === 3;
  if (oneToOne && sameSizes && sameCorners(a, b, matches)) {
    const kept = matches.every(({ axis, reversed }, k) => axis === k && (!reversed || own[k] === 1));
    return kept ? 'same' : 'reoriented';
  }
  if (!sameShape(a, b)) return 'shape';
  if (a.orientation !== b.orientation) return 'orientation';
  if (!sameSpacing(a.spacing, b.spacing)) return 'spacing';
  return sameDirections(a, b) ? 'shift' : 'rotation';
}
