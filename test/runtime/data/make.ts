import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect } from 'vitest';
import { geometryOf } from '../../../runtime/data/geometry.js';
import { encodeNifti } from '../../../runtime/data/nifti-write.js';
import { type Box, boxVolume } from '../../../runtime/data/box.js';
import type { Geometry } from '../../../runtime/data/types.js';
import type { VoxelSource } from '../../../runtime/data/voxel-source.js';
import type { ModelDescription } from '../../../contract/model-description.js';
import { UserError } from '../../../runtime/errors/user-error.js';

/** A folder that is removed after the file's tests. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'unet-data-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The user error a call ends with; fails the test if it ends with another or with none. */
export async function userErrorOf(run: () => unknown): Promise<UserError> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error('no error was thrown');
}

export type Shape = [number, number, number];

/** All boxes of a volume whose edges are 1, 2 or the whole of an axis. */
export function boxesOf(shape: Shape): Box[] {
  const stretches = shape.map((length) =>
    [1, 2, length].flatMap((size) => Array.from({ length: length - size + 1 }, (_, origin) => ({ origin, size }))),
  ) as { origin: number; size: number }[][];
  const [slices = [], rows = [], columns = []] = stretches;
  return slices.flatMap((z) =>
    rows.flatMap((y) =>
      columns.map((x): Box => ({ origin: [z.origin, y.origin, x.origin], size: [z.size, y.size, x.size] })),
    ),
  );
}

/** A box of a source: image [C, d, h, w] as stored, label [d, h, w]. */
export async function readAll(source: VoxelSource, box: Box, channels: readonly number[]) {
  const volume = boxVolume(box);
  const image = new Float32Array(channels.length * volume);
  await source.image(box, channels, (position, data, from, count, to) => {
    for (let i = 0; i < count; i++) image[position * volume + to + i] = data[from + i] as number;
  });
  const label = new Uint8Array(volume);
  await source.label(box, (data, from, count, to) => {
    for (let i = 0; i < count; i++) label[to + i] = data[from + i] as number;
  });
  return { image, label };
}
export const MODALITIES = ['FLAIR', 'T1w', 't1gd', 'T2w'];
export const CLASSES = ['background', 'edema', 'non-enhancing tumor', 'enhancing tumour'];

/** Voxel (c, z, y, x) of case k holds a number that tells where it came from; the first two rows are 0 (outside). */
export function intensity(k: number, c: number, z: number, y: number, x: number): number {
  return y < 2 ? 0 : 1 + ((k * 131 + c * 1009 + z * 97 + y * 13 + x * 7) % 2000);
}

/** Image [4, D, H, W] of case k. */
export function imageOf(k: number, [depth, height, width]: Shape, channels = 4): Int16Array {
  const data = new Int16Array(channels * depth * height * width);
  let i = 0;
  for (let c = 0; c < channels; c++)
    for (let z = 0; z < depth; z++)
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[i++] = intensity(k, c, z, y, x);
  return data;
}

/** Label [D, H, W]: class (z + y + x) % 4 in the half where x is large, else background. */
export function labelOf([depth, height, width]: Shape): Uint8Array {
  const data = new Uint8Array(depth * height * width);
  let i = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[i++] = x * 2 >= width ? (z + y + x) % 4 : 0;
  return data;
}

/** Writes `.nii.gz` or `.nii` at once, without the code under test's atomic writer. */
export function put(path: string, data: Parameters<typeof encodeNifti>[0], shape: Shape, channels?: number): void {
  const bytes = encodeNifti(data, plainGeometry(shape), channels);
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(bytes, { level: 1 }) : bytes);
}

export interface TinySet {
  readonly cases?: number;
  readonly shape?: Shape;
  /** Text of `cases.csv`. */
  readonly table?: string;
  /** Replaces fields of `dataset.json`. */
  readonly json?: Record<string, unknown>;
}

export function caseName(k: number): string {
  return `CASE_${String(k).padStart(2, '0')}`;
}

/** A small data set on disk; the cases' shapes grow by one voxel of width per case, so that they are not all alike. */
export function tinySet(dir: string, { cases = 3, shape = [6, 8, 10], table, json = {} }: TinySet = {}): string {
  mkdirSync(join(dir, 'imagesTr'), { recursive: true });
  mkdirSync(join(dir, 'labelsTr'), { recursive: true });
  const ids = Array.from({ length: cases }, (_, k) => caseName(k));
  ids.forEach((id, k) => {
    const own: Shape = [shape[0], shape[1], shape[2] + k];
    put(join(dir, 'imagesTr', `${id}.nii.gz`), imageOf(k, own), own, 4);
    put(join(dir, 'labelsTr', `${id}.nii.gz`), labelOf(own), own);
  });
  const description = {
    name: 'Tiny',
    modality: Object.fromEntries(MODALITIES.map((name, k) => [k, name])),
    labels: Object.fromEntries(CLASSES.map((name, k) => [k, name])),
    training: ids.map((id) => ({ image: `./imagesTr/${id}.nii.gz`, label: `./labelsTr/${id}.nii.gz` })),
    test: [],
    ...json,
  };
  writeFileSync(join(dir, 'dataset.json'), JSON.stringify(description));
  if (table !== undefined) writeFileSync(join(dir, 'cases.csv'), table);
  return dir;
}

const scanDescription = {
  kind: 'image',
  name: 'scan',
  channels: MODALITIES,
  axes: [{ name: 'D' }, { name: 'H' }, { name: 'W' }],
} as const;

/** A model whose weights depend on the identifier `site`, and how its data is read. */
export const conditioned = {
  description: describeModel({
    inputs: [scanDescription, { kind: 'identifier', name: 'site', count: 8 }],
  }),
  protocol: {
    identify: [{ input: 'site', source: { kind: 'column', name: 'site' } }],
    normalize: { kind: 'zscore', over: 'nonzero' },
  },
} as const;

/** A network's description over the tiny set. */
export function describeModel(change: Partial<ModelDescription> = {}): ModelDescription {
  return {
    name: 'Model',
    inputs: [
      scanDescription,
      // Variants may declare an identifier that they do not use.
      { kind: 'identifier', name: 'site', count: 8, unused: true },
    ],
    outputs: [
      {
        name: 'mask',
        kind: 'classes',
        labels: CLASSES.map((name, value) => ({ name, values: [value] })),
        auxiliary: 0,
      },
    ],
    legal: [],
    ...change,
  };
}

/** A geometry with identity directions and no offset, for volumes that come from no file. */
export function plainGeometry(
  shape: Geometry['shape'],
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

/** The grid entries of a protocol that leaves cases as they are stored. */
export const storedGrid = {
  orient: 'as_stored',
  spacing: { kind: 'as_stored' },
  resample: { kind: 'interpolate', images: 'cubic', labels: 'linear' },
} as const;
