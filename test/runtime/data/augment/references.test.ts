/** The augmentations against numbers recorded from batchgeneratorsv2, batchgenerators and others (`../shared/measures`). */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reverseAxis } from '../../../../runtime/data/augment.js';
import { blur } from '../../../../runtime/data/augment/blur.js';
import { changeContrast, changeGamma, rescale } from '../../../../runtime/data/augment/intensity.js';
import { interpolatePatch } from '../../../../runtime/data/augment/interpolate.js';
import { lowerResolution } from '../../../../runtime/data/augment/low-resolution.js';
import {
  multiply,
  rotationAbout,
  scaling,
  type SpatialMap,
  type Triple,
} from '../../../../runtime/data/augment/spatial-map.js';
import { readSafetensors, type TensorFile } from '../../../../runtime/files/safetensors.js';

const folder = resolve(import.meta.dirname, '../../../../../shared/measures');
const recorded = existsSync(folder);

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, readonly number[]>>;
}

const { cases } = recorded
  ? (JSON.parse(readFileSync(join(folder, 'augmentations.json'), 'utf8')) as { cases: readonly Case[] })
  : { cases: [] };
const tensors: TensorFile['tensors'] = recorded
  ? (await readSafetensors(join(folder, 'augmentations.safetensors'))).tensors
  : new Map();

const byKind = (kind: string): Case => cases.find((each) => each.kind === kind)!;
const floats = (each: Case, name: string): Float32Array =>
  Float32Array.from(tensors.get(`${each.name}.${name}`)!.data as never);

/** The spatial sizes of a case; batchgenerators' arrays have no channel axis. */
function sizeOf({ kind, arrays }: Case): readonly number[] {
  const shape = arrays['image']!;
  return kind.startsWith('bg_spatial') ? shape : shape.slice(1);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** Changes every channel of a case's image and compares it with a recorded output. */
function compare(
  each: Case,
  change: (channel: Float32Array, size: readonly number[]) => void,
  output = 'output',
): number {
  const image = floats(each, 'image');
  const size = each.arrays['image']!.slice(1);
  const voxels = size.reduce((product, length) => product * length, 1);
  for (let from = 0; from < image.length; from += voxels) change(image.subarray(from, from + voxels), size);
  return largestDifference(image, floats(each, output));
}

/** [D, H, W] of a patch with two or three axes. */
function extent(size: readonly number[]): Triple {
  return (size.length === 2 ? [1, ...size] : size) as unknown as Triple;
}

/** A map over the whole of a case's image: a slice has its axes last. */
function transform(each: Case, map: SpatialMap, margin = 1) {
  const size = extent(sizeOf(each));
  const volume = size.reduce((product, length) => product * length, 1);
  // With a margin of background, which stands for everything beyond the image.
  const grown = size.map((length) => length + 2 * margin) as unknown as Triple;
  const larger = grown.reduce((product, length) => product * length, 1);
  const image = floats(each, 'image');
  const label = floats(each, 'seg');
  const channels = image.length / volume;
  const source = { images: [new Float32Array(channels * larger)], target: new Uint8Array(larger) };
  const at = (z: number, y: number, x: number): number =>
    ((z + margin) * grown[1] + y + margin) * grown[2] + x + margin;
  for (let z = 0, i = 0; z < size[0]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[2]; x++, i++) {
        for (let c = 0; c < channels; c++) source.images[0]![c * larger + at(z, y, x)] = image[c * volume + i]!;
        source.target[at(z, y, x)] = label[i]!;
      }
  const target = { images: [new Float32Array(channels * volume)], target: new Uint8Array(volume) };
  const read = { origin: [-margin, -margin, -margin] as Triple, size: grown };
  interpolatePatch(map, { origin: [0, 0, 0], size }, read, source, target);
  return { image: target.images[0]!, label: target.target };
}

/** The voxels of a volume with the positions that they are read at: [axis][voxel]. */
type Positions = readonly Float64Array[];

/** What `interpolatePatch` reads at given positions: no map, but displacements. */
function readAt(each: Case, positions: Positions) {
  const size = extent(sizeOf(each));
  const displacement = positions.map((line, axis) =>
    Float32Array.from(line, (position, voxel) => position - indexOf(size, voxel)[axis]!),
  );
  return transform(each, { matrix: scaling([1, 1, 1]), displacement });
}

function indexOf([, height, width]: Triple, voxel: number): Triple {
  return [Math.floor(voxel / (height * width)), Math.floor(voxel / width) % height, voxel % width];
}

/** Positions [D, H, W] from an array of those of the image's own axes. */
function positionsOf(each: Case, at: (axis: number, voxel: number) => number): Positions {
  const size = sizeOf(each);
  const voxels = size.reduce((product, length) => product * length, 1);
  return [0, 1, 2].map((axis) =>
    Float64Array.from({ length: voxels }, (_, voxel) =>
      axis < 3 - size.length ? 0 : at(axis - 3 + size.length, voxel),
    ),
  );
}

/** The linearly interpolated mask of each label around a position, by its definition. */
function masksAt(each: Case, positions: Positions, voxel: number): ReadonlyMap<number, number> {
  const size = extent(sizeOf(each));
  const labels = floats(each, 'seg');
  const at = positions.map((line) => line[voxel]!);
  const masks = new Map<number, number>([[0, 0]]);
  for (const corner of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const index = at.map((position, axis) => Math.floor(position) + ((corner >> axis) & 1));
    const weight = index.reduce((product, each, axis) => product * Math.max(0, 1 - Math.abs(at[axis]! - each)), 1);
    const inside = index.every((each, axis) => each >= 0 && each < size[axis]!);
    const label = inside ? labels[(index[0]! * size[1] + index[1]!) * size[2] + index[2]!]! : 0;
    masks.set(label, (masks.get(label) ?? 0) + weight);
  }
  return masks;
}

function isInside(each: Case, positions: Positions, voxel: number): boolean {
  return extent(sizeOf(each)).every((length, axis) => {
    const at = positions[axis]![voxel]!;
    return at >= 0 && at <= length - 1;
  });
}

/** Our labels are those of the largest mask; the recorded ones, of those that reach 1/2, the highest, else 0. */
function checkLabels(each: Case, positions: Positions, own: Uint8Array): void {
  const peer = floats(each, 'output_seg');
  let junctions = 0;
  for (let voxel = 0; voxel < own.length; voxel++) {
    // SciPy, and so batchgenerators, has no blend with the background beyond the outermost voxels.
    if (each.kind.startsWith('bg') && !isInside(each, positions, voxel)) continue;
    const masks = [...masksAt(each, positions, voxel)];
    const [, largest] = masks.reduce((a, b) => (b[1] > a[1] ? b : a));
    const mask = (label: number): number => masks.find(([each]) => each === label)?.[1] ?? 0;
    expect(mask(own[voxel]!), `${each.name} ${voxel}`).toBeGreaterThan(largest - 1e-5);
    if (largest > 0.5 + 1e-5) expect(own[voxel], `${each.name} ${voxel}`).toBe(peer[voxel]);
    else junctions++;
  }
  expect(junctions / own.length).toBeLessThan(0.1);
}

const rotation = ([z = 0, y = 0, x = 0]: readonly number[]): number[] =>
  multiply(rotationAbout(2, x), multiply(rotationAbout(1, y), rotationAbout(0, z)));

describe.skipIf(!recorded)('the recorded augmentations', () => {
  it.each(['v2_spatial_2d', 'v2_spatial_3d'])('%s: positions, images and labels', (kind) => {
    const each = byKind(kind);
    const size = sizeOf(each);
    const angles = each.parameters['angles'] as number[];
    // A slice has one angle, the last.
    const matrix = rotation(size.length === 2 ? [angles[1]!] : angles);
    const own = size.length === 2 ? [4, 5, 7, 8].map((k) => matrix[k]!) : matrix;
    expect(largestDifference(own, floats(each, 'affine'))).toBeLessThan(1e-7);
    // The peer computes positions in single precision.
    expect(largestDifference(transform(each, { matrix }).image, floats(each, 'output'))).toBeLessThan(1e-5);
    const grid = floats(each, 'grid');
    const positions = positionsOf(each, (axis, voxel) => {
      const part = grid[voxel * size.length + size.length - 1 - axis]!;
      return Math.fround(Math.fround(Math.fround(part + 1) * size[axis]!) - 1) / 2;
    });
    const read = readAt(each, positions);
    expect(largestDifference(read.image, floats(each, 'output'))).toBeLessThan(2e-6);
    checkLabels(each, positions, read.label);
  });

  it.each(cases.filter(({ kind }) => kind.startsWith('bg_spatial')))('$name: positions and labels', (each) => {
    const size = extent(sizeOf(each));
    const { angles, scale } = each.parameters as { angles: number | number[] | null; scale: number[] | null };
    // batchgenerators rotates the other way round, and zooms last: S R^T.
    const own = rotation((typeof angles === 'number' ? [angles] : (angles ?? [])).map((angle) => -angle));
    const matrix = multiply(scaling(scale === null ? [1, 1, 1] : extent(scale)), own);
    const coordinates = floats(each, 'coords');
    const voxels = size[0] * size[1] * size[2];
    const positions = positionsOf(each, (axis, voxel) => coordinates[axis * voxels + voxel]!);
    const axes = sizeOf(each).length;
    const given = tensors.has(`${each.name}.displacement`) ? floats(each, 'displacement') : undefined;
    const displacement =
      given &&
      [0, 1, 2].map((axis) =>
        axis < 3 - axes ? undefined : given.subarray((axis - 3 + axes) * voxels, (axis - 2 + axes) * voxels),
      );
    const mapped = transform(each, displacement === undefined ? { matrix } : { matrix, displacement });
    // The same linear interpolation at the recorded positions and at ours.
    expect(largestDifference(mapped.image, readAt(each, positions).image)).toBeLessThan(2e-5);
    checkLabels(each, positions, mapped.label);
  });

  it('v2_gamma, bg_gamma', () => {
    const gamma = (kind: string): number => compare(byKind(kind), (channel) => changeGamma(channel, 1.4, false, false));
    expect(gamma('v2_gamma')).toBeLessThan(2e-6);
    expect(gamma('bg_gamma')).toBeLessThan(2e-6);
  });

  it('v2_contrast, v2_brightness, v2_mirror', () => {
    expect(compare(byKind('v2_contrast'), (channel) => changeContrast(channel, 0.75))).toBeLessThan(2e-6);
    expect(compare(byKind('v2_brightness'), (channel) => rescale(channel, 0.75, 0))).toBeLessThan(2e-6);
    expect(compare(byKind('v2_mirror'), (channel, size) => reverseAxis(channel, size, 0))).toBe(0);
  });

  it('blur and low_resolution, as batchgeneratorsv2 does them and not as batchgenerators', () => {
    const blurred = (output: string): number =>
      compare(byKind('blur'), (channel, size) => blur(channel, size, [1, 1]), output);
    expect(blurred('output_v2')).toBeLessThan(2e-6);
    expect(blurred('output_bg')).toBeGreaterThan(0.1);
    const lowered = (output: string): number =>
      compare(byKind('low_resolution'), (channel, size) => lowerResolution(channel, size, [0.5, 0.5]), output);
    expect(lowered('output_v2')).toBeLessThan(2e-6);
    expect(lowered('output_bg')).toBeGreaterThan(0.1);
  });
});
