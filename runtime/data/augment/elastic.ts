/** Elastic deformation: random displacements of a coarse grid, interpolated by bicubic or tricubic splines. */
import type { Random } from '../../random/random-stream.js';
import type { Triple } from './spatial-map.js';

/** For each voxel along an axis, the first of four points of the grid and their weights. */
interface Weights {
  readonly first: Int32Array;
  readonly weights: Float64Array;
  /** Points along the axis. */
  readonly points: number;
}

/** Catmull-Rom weights (Keys 1981, a = -1/2): the spline passes through the displacements of the points. */
function weightsOf(length: number, spacing: number): Weights {
  const first = new Int32Array(length);
  const weights = new Float64Array(4 * length);
  for (let voxel = 0; voxel < length; voxel++) {
    const point = Math.floor(voxel / spacing);
    const t = voxel / spacing - point;
    first[voxel] = point;
    weights.set(
      [
        t * (-0.5 + t * (1 - 0.5 * t)),
        1 + t * t * (-2.5 + 1.5 * t),
        t * (0.5 + t * (2 - 1.5 * t)),
        t * t * (-0.5 + 0.5 * t),
      ],
      4 * voxel,
    );
  }
  return { first, weights, points: Math.floor((length - 1) / spacing) + 4 };
}

/** Adds up four rows of a grid by the weights of a voxel. */
function blend(rows: Float64Array, { first, weights }: Weights, voxel: number, target: Float64Array): void {
  const length = target.length;
  target.fill(0);
  for (let k = 0; k < 4; k++) {
    const weight = weights[4 * voxel + k]!;
    const from = (first[voxel]! + k) * length;
    for (let i = 0; i < length; i++) target[i]! += weight * rows[from + i]!;
  }
}

/**
 * A field of displacements along one axis: those of the grid's points are normally distributed with mean 0.
 * @param size of the patch, [D, H, W]
 * @param spacing between the points, in voxels
 * @param deviation in voxels
 * @returns [D, H, W], in voxels
 */
export function displacementField(random: Random, size: Triple, spacing: number, deviation: number): Float32Array {
  const [z, y, x] = size.map((length) => weightsOf(length, spacing)) as [Weights, Weights, Weights];
  const grid = Float64Array.from({ length: z.points * y.points * x.points }, () => deviation * random.normal());
  const field = new Float32Array(size[0] * size[1] * size[2]);
  const plane = new Float64Array(y.points * x.points);
  const row = new Float64Array(x.points);
  let i = 0;
  for (let slice = 0; slice < size[0]; slice++) {
    blend(grid, z, slice, plane);
    for (let line = 0; line < size[1]; line++) {
      blend(plane, y, line, row);
      for (let voxel = 0; voxel < size[2]; voxel++, i++) {
        const from = x.first[voxel]!;
        const at = 4 * voxel;
        field[i] =
          x.weights[at]! * row[from]! +
          x.weights[at + 1]! * row[from + 1]! +
          x.weights[at + 2]! * row[from + 2]! +
          x.weights[at + 3]! * row[from + 3]!;
      }
    }
  }
  return field;
}
