/** Reads a patch from a box of voxels at fractional positions, by linear interpolation. */
import type { Box } from '../box.js';
import type { SpatialMap } from './spatial-map.js';

/** The positions of one row of a patch in the box that it is read from. */
interface Row {
  /** Index of the lowest of the eight voxels around a position. */
  readonly base: Int32Array;
  /** Distances from that voxel along [D, H, W], 0 to 1. */
  readonly parts: readonly [Float64Array, Float64Array, Float64Array];
}

/** Steps between neighbours along [D, H, W]; 0 along an axis of one voxel. */
type Strides = readonly [number, number, number];

function stridesOf([depth, height, width]: Box['size']): Strides {
  return [depth > 1 ? height * width : 0, height > 1 ? width : 0, width > 1 ? 1 : 0];
}

/** Writes one coordinate of a row: clamped to the box, its whole part into `base`. */
function place(coordinates: Float64Array, length: number, stride: number, base: Int32Array): void {
  const [last, before] = [length - 1, Math.max(0, length - 2)];
  for (let x = 0; x < coordinates.length; x++) {
    let position = coordinates[x]!;
    position = position > 0 ? (position < last ? position : last) : 0;
    const whole = position < before ? position | 0 : before;
    base[x]! += whole * stride;
    coordinates[x] = position - whole;
  }
}

/** Passes on the positions of every row of a patch, and where the row begins in the patch. */
function eachRow(map: SpatialMap, patch: Box, read: Box, use: (row: Row, to: number) => void): void {
  const { matrix, displacement } = map;
  const [depth, height, width] = patch.size;
  const parts = [new Float64Array(width), new Float64Array(width), new Float64Array(width)] as const;
  const base = new Int32Array(width);
  const strides = stridesOf(read.size);
  const centre = patch.size.map((length) => (length - 1) / 2) as unknown as Box['size'];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const to = (z * height + y) * width;
      base.fill(0);
      for (const axis of [0, 1, 2] as const) {
        const line = parts[axis];
        const step = matrix[3 * axis + 2]!;
        const across = matrix[3 * axis]! * (z - centre[0]) + matrix[3 * axis + 1]! * (y - centre[1]);
        const first = patch.origin[axis] + centre[axis] - read.origin[axis] + across - step * centre[2];
        for (let x = 0; x < width; x++) line[x] = first + step * x;
        displacement?.forEach((field, j) => {
          const factor = matrix[3 * axis + j]!;
          if (field === undefined || factor === 0) return;
          for (let x = 0; x < width; x++) line[x]! += factor * field[to + x]!;
        });
        place(line, read.size[axis], strides[axis], base);
      }
      use({ base, parts }, to);
    }
  }
}

function trilinear(
  source: Float32Array,
  { base, parts }: Row,
  [dz, dy, dx]: Strides,
  target: Float32Array,
  to: number,
) {
  const [fz, fy, fx] = parts;
  for (let x = 0; x < base.length; x++) {
    const at = base[x]!;
    const near = at + dy;
    const far = at + dz;
    const u = fx[x]!;
    const v = fy[x]!;
    const a = source[at]! + u * (source[at + dx]! - source[at]!);
    const b = source[near]! + u * (source[near + dx]! - source[near]!);
    const c = source[far]! + u * (source[far + dx]! - source[far]!);
    const d = source[far + dy]! + u * (source[far + dy + dx]! - source[far + dy]!);
    const low = a + v * (b - a);
    target[to + x] = low + fz[x]! * (c + v * (d - c) - low);
  }
}

/** `trilinear` for positions that lie in slices, where the distance along D is 0 or 1. */
function bilinear(source: Float32Array, { base, parts }: Row, [dz, dy, dx]: Strides, target: Float32Array, to: number) {
  const [fz, fy, fx] = parts;
  for (let x = 0; x < base.length; x++) {
    const at = base[x]! + fz[x]! * dz;
    const u = fx[x]!;
    const near = at + dy;
    const a = source[at]! + u * (source[at + dx]! - source[at]!);
    const b = source[near]! + u * (source[near + dx]! - source[near]!);
    target[to + x] = a + fy[x]! * (b - a);
  }
}

/** The eight values around a position with their weights, and the value of the largest weight. */
class Vote {
  private readonly values = new Uint8Array(8);
  private readonly weights = new Float64Array(8);
  private count = 0;

  begin(): void {
    this.count = 0;
  }

  add(value: number, weight: number): void {
    let k = 0;
    while (k < this.count && this.values[k] !== value) k++;
    if (k === this.count) {
      this.values[k] = value;
      this.weights[k] = 0;
      this.count++;
    }
    this.weights[k]! += weight;
  }

  /** The lowest value among equals. */
  winner(): number {
    let best = 0;
    for (let k = 1; k < this.count; k++) {
      // Sums of the same weights in another order may differ in the last bits.
      const lead = this.weights[k]! - this.weights[best]!;
      if (lead > 1e-9 || (lead > -1e-9 && this.values[k]! < this.values[best]!)) best = k;
    }
    return this.values[best]!;
  }
}

/** The label with the largest linearly interpolated mask, the lowest one of equals. */
function largest(
  source: Uint8Array,
  { base, parts }: Row,
  [dz, dy, dx]: Strides,
  vote: Vote,
  target: Uint8Array,
  to: number,
) {
  const [fz, fy, fx] = parts;
  for (let x = 0; x < base.length; x++) {
    const at = base[x]!;
    const first = source[at]!;
    if (
      first === source[at + dx]! &&
      first === source[at + dy]! &&
      first === source[at + dy + dx]! &&
      first === source[at + dz]! &&
      first === source[at + dz + dx]! &&
      first === source[at + dz + dy]! &&
      first === source[at + dz + dy + dx]!
    ) {
      target[to + x] = first;
      continue;
    }
    const w = fz[x]!;
    const v = fy[x]!;
    const u = fx[x]!;
    vote.begin();
    vote.add(first, (1 - w) * (1 - v) * (1 - u));
    vote.add(source[at + dx]!, (1 - w) * (1 - v) * u);
    vote.add(source[at + dy]!, (1 - w) * v * (1 - u));
    vote.add(source[at + dy + dx]!, (1 - w) * v * u);
    vote.add(source[at + dz]!, w * (1 - v) * (1 - u));
    vote.add(source[at + dz + dx]!, w * (1 - v) * u);
    vote.add(source[at + dz + dy]!, w * v * (1 - u));
    vote.add(source[at + dz + dy + dx]!, w * v * u);
    target[to + x] = vote.winner();
  }
}

/** Images, each [C, ...size of a box], and the target, [...size]. */
export interface Voxels {
  readonly images: readonly Float32Array[];
  readonly target: Uint8Array;
}

/**
 * Reads a patch from a box: images linearly, and of labels the one with the largest linearly interpolated mask (nnU-Net's
 * choice in batchgeneratorsv2), so that no label arises between two others. Positions outside the box are read at its
 * nearest voxel.
 * @param patch the patch, if it were not transformed
 * @param read the box that `source` contains, as `boxToRead` returns it
 */
export function interpolatePatch(map: SpatialMap, patch: Box, read: Box, source: Voxels, target: Voxels): void {
  const strides = stridesOf(read.size);
  const volume = (size: Box['size']): number => size[0] * size[1] * size[2];
  const [from, to] = [volume(read.size), volume(patch.size)];
  const channels = source.images.flatMap((image, k) =>
    Array.from({ length: image.length / from }, (_, channel) => ({
      source: image.subarray(channel * from, (channel + 1) * from),
      target: target.images[k]!.subarray(channel * to, (channel + 1) * to),
    })),
  );
  const [own, ofRow, ofColumn] = map.matrix;
  const inSlices = own === 1 && ofRow === 0 && ofColumn === 0 && map.displacement?.[0] === undefined;
  const interpolate = inSlices ? bilinear : trilinear;
  const vote = new Vote();
  eachRow(map, patch, read, (row, begin) => {
    for (const each of channels) interpolate(each.source, row, strides, each.target, begin);
    largest(source.target, row, strides, vote, target.target, begin);
  });
}
