import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { imageDataset } from '../../../runtime/data/image-dataset.js';
import { loadCase } from '../../../runtime/data/load-case.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { encodeNifti } from '../../../runtime/data/nifti-write.js';
import type { UserError } from '../../../runtime/errors/user-error.js';
import {
  type Shape,
  describeModel,
  imageOf,
  intensity,
  labelOf,
  put,
  temporaryFolder,
  tinySet,
  userErrorOf,
  plainGeometry,
  storedGrid,
} from './make.js';

const root = temporaryFolder();
let count = 0;
const shape: Shape = [6, 8, 10];
const preparation = { ...storedGrid, normalize: { kind: 'zscore', over: 'nonzero' } } as const;

async function spoiled(spoil: (image: string, label: string) => void): Promise<{ error: UserError; dir: string }> {
  const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape });
  spoil(join(dir, 'imagesTr', 'CASE_00.nii.gz'), join(dir, 'labelsTr', 'CASE_00.nii.gz'));
  const dataset = await openDataset(dir);
  const [each] = dataset.cases;
  if (each === undefined) throw new Error('no case');
  return { error: await userErrorOf(() => decodeCase(dataset, each)), dir };
}

describe('faulty cases name case and file', () => {
  const faults: [string, (image: string, label: string) => void, string, RegExp][] = [
    ['a missing label', (_, label) => rmSync(label), 'UNET6003', /labelsTr.*missing/],
    [
      'a truncated image',
      (image) => writeFileSync(image, readFileSync(image).subarray(0, -30)),
      'UNET6005',
      /imagesTr.*truncated/,
    ],
    [
      'three channels of four',
      (image) => put(image, imageOf(0, shape, 3), shape, 3),
      'UNET6008',
      /3 channels, but `modality` lists 4/,
    ],
    ['a 3-D image', (image) => put(image, labelOf(shape), shape), 'UNET6008', /1 channel, but `modality` lists 4/],
    [
      'a label of another shape',
      (_, label) => put(label, labelOf([6, 10, 8]), [6, 10, 8]),
      'UNET6009',
      /6 x 10 x 8, but its image has 6 x 8 x 10/,
    ],
    [
      'a label that lies elsewhere',
      (_, label) => writeFileSync(label, gzipSync(encodeNifti(labelOf(shape), plainGeometry(shape, [1, 1, 2])))),
      'UNET6009',
      /has a voxel size of 1 x 1 x 2 mm \(D x H x W\), but its image has 1 x 1 x 1 mm/,
    ],
    [
      'a label outside the classes',
      (_, label) => put(label, labelOf(shape).fill(7, 0, 3).fill(9, 3, 4), shape),
      'UNET6012',
      /7 \(3 voxels\), 9 \(1 voxel\)/,
    ],
    [
      'a fractional label',
      (_, label) => put(label, Float32Array.from(labelOf(shape)).fill(0.5, 0, 2), shape),
      'UNET6012',
      /0\.5 \(2 voxels\)/,
    ],
    [
      'NaN',
      (image) => {
        const data = Float32Array.from(imageOf(0, shape));
        data[480 + 7] = NaN;
        data[480 + 8] = -Infinity;
        put(image, data, shape, 4);
      },
      'UNET6013',
      /1 NaN and 1 infinite voxels in channel `T1w`/,
    ],
  ];
  it.each(faults)('%s', async (_, spoil, code, part) => {
    const { error, dir } = await spoiled(spoil);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(part);
    expect(error.message).toContain('CASE_00');
    expect(error.message).toContain(dir);
    expect(error.help, 'a remedy, as a sentence').toMatch(/^[A-Z].{10,}[.?]$/s);
  });

  it('a float label of whole numbers is a label', async () => {
    const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape });
    put(join(dir, 'labelsTr', 'CASE_00.nii.gz'), Float32Array.from(labelOf(shape)), shape);
    const dataset = await openDataset(dir);
    const decoded = await decodeCase(dataset, dataset.cases[0] as (typeof dataset.cases)[0]);
    expect(decoded.label).toEqual(labelOf(shape));
  });
});

describe('loadCase', () => {
  const description = describeModel({
    inputs: [{ kind: 'image', name: 'scan', channels: ['T2w', 'FLAIR'], axes: [{ name: 'D' }, { name: 'H' }] }],
  });

  it('gives channels in the network’s order, normalised over nonzero voxels, zeros kept', async () => {
    const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape });
    const dataset = await openDataset(dir);
    const loaded = await loadCase(dataset, 'CASE_00', matchInputs(dataset, description), preparation);
    const { data, shape: inputShape } = loaded.inputs['scan'] ?? { data: [], shape: [] };
    expect(inputShape).toEqual([2, 6, 8, 10]);
    const stored = imageOf(0, shape).subarray(3 * 480, 4 * 480);
    const inside = [...stored].filter((value) => value > 0);
    const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
    const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length);
    stored.forEach((value, k) => {
      if (value === 0) expect(data[k]).toBe(0);
      else expect(data[k]).toBeCloseTo((value - mean) / deviation, 5);
    });
    expect(intensity(0, 3, 1, 2, 3)).toBe(stored[1 * 80 + 2 * 10 + 3]);
    expect(loaded.label?.data).toEqual(labelOf(shape));
    expect(loaded.geometry.shape).toEqual(shape);
  });

  it('gives the same through the folder of prepared cases', async () => {
    const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape });
    const dataset = await openDataset(dir);
    const matching = matchInputs(dataset, description);
    const plain = await loadCase(dataset, 'CASE_00', matching, preparation);
    for (let time = 0; time < 2; time++) {
      expect(await loadCase(dataset, 'CASE_00', matching, preparation, join(root, 'cache'))).toEqual(plain);
    }
  });

  it('normalises over all voxels, or not at all', async () => {
    const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape });
    const dataset = await openDataset(dir);
    const matching = matchInputs(dataset, description);
    const raw = await loadCase(dataset, 'CASE_00', matching, { ...storedGrid, normalize: { kind: 'none' } });
    expect(raw.inputs['scan']?.data.subarray(480)).toEqual(Float32Array.from(imageOf(0, shape).subarray(0, 480)));
    const all = await loadCase(dataset, 'CASE_00', matching, {
      ...storedGrid,
      normalize: { kind: 'zscore', over: 'all' },
    });
    const first = all.inputs['scan']?.data.subarray(0, 480) ?? new Float32Array(0);
    const sum = first.reduce((a, b) => a + b, 0);
    const squares = first.reduce((a, b) => a + b * b, 0);
    expect(sum / 480).toBeCloseTo(0, 5);
    expect(squares / 480).toBeCloseTo(1, 5);
    expect(first[0]).toBeLessThan(-0.1);
  });

  it('makes a constant channel 0', async () => {
    const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape });
    put(join(dir, 'imagesTr', 'CASE_00.nii.gz'), new Int16Array(4 * 480).fill(5), shape, 4);
    const dataset = await openDataset(dir);
    const loaded = await loadCase(dataset, 'CASE_00', matchInputs(dataset, description), preparation);
    expect(loaded.inputs['scan']?.data.every((value) => value === 0)).toBe(true);
  });

  it('loads a lone file as a data set of one case, its channels as named', async () => {
    const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape });
    const file = join(dir, 'imagesTr', 'CASE_00.nii.gz');
    const dataset = await openDataset(dir);
    const expected = await loadCase(dataset, 'CASE_00', matchInputs(dataset, description), preparation);
    const load = (channels: readonly string[]) => {
      const lone = imageDataset([file], { name: 'Tiny', channels: [...channels], labels: [...dataset.labels] });
      return loadCase(lone, 'CASE_00', matchInputs(lone, description), preparation);
    };
    const { statistics } = expected.voxels;
    const voxels = { statistics, labelCounts: [] };
    const { inputs, geometry, nonzero } = expected;
    expect(await load(dataset.modalities)).toEqual({ id: 'CASE_00', inputs, geometry, nonzero, voxels });
    const few = await userErrorOf(() => load(['FLAIR', 'T1w', 't1gd', 'T2w', 'more']));
    expect([few.code, few.message.includes(file)]).toEqual(['UNET6008', true]);
    const lacking = await userErrorOf(() => load(['a', 'b', 'c', 'FLAIR']));
    expect([lacking.code, lacking.message.includes('`T2w`')]).toEqual(['UNET6010', true]);
  });
});

const real = resolve(import.meta.dirname, '../../../../shared/data/Task01_BrainTumour');

it.skipIf(!existsSync(real))('reads a real case', async () => {
  const dataset = await openDataset(real);
  const loaded = await loadCase(dataset, 'BRATS_001', matchInputs(dataset, describeModel()), preparation);
  expect(loaded.geometry).toMatchObject({ shape: [155, 240, 240], spacing: [1, 1, 1], orientation: 'LPS' });
  const counts = [0, 0, 0, 0];
  for (const value of loaded.label?.data ?? []) counts[value] = (counts[value] ?? 0) + 1;
  expect(counts).toEqual([8773492, 84003, 25394, 45111]);
});
