import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatCheckReport } from '../../../runtime/data/check-text.js';
import { checkDataset } from '../../../runtime/data/check.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { loadCase } from '../../../runtime/data/load-case.js';
import { evaluateCase } from '../../../runtime/metrics/evaluate.js';
import { float32Loss } from '../../../runtime/data/float32.js';
import { labelOf, put, type Shape, storedGrid, temporaryFolder, tinySet, userErrorOf } from './make.js';
import { type Fields, withFields } from './nifti-bytes.js';

const root = temporaryFolder();
const shape: Shape = [6, 8, 10];
const voxels = 480;
let count = 0;

interface Paths {
  readonly dir: string;
  readonly image: string;
  readonly label: string;
}

/** A set of one case, whose image has one channel, to be spoilt. */
function oneCase(): Paths {
  const dir = tinySet(join(root, `set${count++}`), { cases: 1, shape, json: { modality: { 0: 'T1w' } } });
  const [image, label] = [join(dir, 'imagesTr', 'CASE_00.nii.gz'), join(dir, 'labelsTr', 'CASE_00.nii.gz')];
  put(
    image,
    Int16Array.from({ length: voxels }, (_, k) => k % 97),
    shape,
    1,
  );
  return { dir, image, label };
}

/** Replaces a file's header fields, and its array by one of another type. */
function rewrite(path: string, fields: Fields, code?: number, body?: Buffer, slope = 0, intercept = 0): void {
  const file = withFields(gunzipSync(readFileSync(path)), fields);
  if (code !== undefined) file.writeInt16LE(code, 70);
  file.writeFloatLE(slope, 112);
  file.writeFloatLE(intercept, 116);
  writeFileSync(path, body === undefined ? file : Buffer.concat([file.subarray(0, 352), body]));
}

function doubles(value: (k: number) => number): Buffer {
  return Buffer.from(Float64Array.from({ length: voxels }, (_, k) => value(k)).buffer);
}

async function decode({ dir }: Paths) {
  const dataset = await openDataset(dir);
  return decodeCase(dataset, dataset.cases[0]!);
}

async function problemsOf({ dir }: Paths): Promise<string[]> {
  const { problems } = await checkDataset(dir);
  return problems.map(({ severity, code, message }) => `${severity} ${code} ${message}`);
}

describe('labels', () => {
  it('that a slope makes almost whole are rounded', async () => {
    const paths = oneCase();
    const slope = Math.fround(0.1);
    expect(30 * slope).not.toBe(3);
    rewrite(paths.label, { bitpix: 8 }, 2, Buffer.from(labelOf(shape).map((value) => 10 * value)), slope);
    expect((await decode(paths)).label).toEqual(labelOf(shape));
    expect(await problemsOf(paths)).toEqual([]);
  });

  it('of float32 and float64 within 0.001 of a class are rounded', async () => {
    const paths = oneCase();
    put(
      paths.label,
      Float32Array.from(labelOf(shape), (value) => value * 1.0000001 - 0.0009),
      shape,
    );
    expect((await decode(paths)).label).toEqual(labelOf(shape));
    const label = labelOf(shape);
    rewrite(
      paths.label,
      { bitpix: 64 },
      64,
      doubles((k) => (label[k] ?? 0) + 1e-9),
    );
    expect((await decode(paths)).label).toEqual(label);
  });

  it('further from a class are an error', async () => {
    const paths = oneCase();
    put(
      paths.label,
      Float32Array.from(labelOf(shape), (value) => value * 1.002),
      shape,
    );
    const error = await userErrorOf(() => decode(paths));
    expect([error.code, /3\.006/.test(error.message)]).toEqual(['UNET6012', true]);
  });

  it('of large integers are compared exactly', async () => {
    const paths = oneCase();
    const body = Buffer.from(Uint32Array.from(labelOf(shape), (value) => (value === 3 ? 2 ** 24 + 1 : value)).buffer);
    rewrite(paths.label, { bitpix: 32 }, 768, body);
    const error = await userErrorOf(() => decode(paths));
    expect([error.code, error.message.includes('16777217')]).toEqual(['UNET6012', true]);
  });
});

describe('images', () => {
  it('beyond float32 are an error', async () => {
    const paths = oneCase();
    rewrite(
      paths.image,
      { bitpix: 64 },
      64,
      doubles((k) => (k === 7 ? 1e39 : k)),
    );
    const error = await userErrorOf(() => decode(paths));
    expect([error.code, /1 voxel above 3\.4e38 in channel `T1w`/.test(error.message)]).toEqual(['UNET6127', true]);
    expect((await problemsOf(paths)).map((each) => each.slice(0, 14))).toEqual(['error UNET6127']);
  });

  it('that a slope takes beyond float32 are an error', async () => {
    const paths = oneCase();
    rewrite(paths.image, {}, 4, undefined, 1e38);
    expect((await userErrorOf(() => decode(paths))).code).toBe('UNET6127');
  });

  it('too small for float32 are an error', async () => {
    const paths = oneCase();
    rewrite(
      paths.image,
      { bitpix: 64 },
      64,
      doubles((k) => k * 1e-50),
    );
    const error = await userErrorOf(() => decode(paths));
    expect([error.code, /no voxel of at least 1\.2e-38/.test(error.message)]).toEqual(['UNET6127', true]);
  });

  it('of tiny and of huge numbers that float32 holds are read without a warning', async () => {
    for (const scale of [1e-30, 1e-9, 1, 1e30]) {
      const paths = oneCase();
      rewrite(
        paths.image,
        { bitpix: 64 },
        64,
        doubles((k) => (k % 97) * scale),
      );
      expect(await problemsOf(paths)).toEqual([]);
      const [statistics] = (await decode(paths)).statistics;
      expect((statistics?.nonzero.deviation ?? 0) / scale).toBeCloseTo(27.7, 0);
    }
  });

  it('that differ in digits that float32 does not hold are a warning', async () => {
    const large = oneCase();
    rewrite(
      large.image,
      { bitpix: 64 },
      64,
      doubles((k) => 1e9 + (k % 97)),
    );
    expect((await problemsOf(large)).some((each) => /^warning UNET6128 .*channel `T1w`/.test(each))).toBe(true);
    const integers = oneCase();
    const body = Buffer.from(Int32Array.from({ length: voxels }, (_, k) => 2 ** 30 + (k % 97)).buffer);
    rewrite(integers.image, { bitpix: 32 }, 8, body);
    expect((await problemsOf(integers)).some((each) => each.startsWith('warning UNET6128'))).toBe(true);
  });

  it('lose nothing where rounding is small or there is none', () => {
    const measured = (values: readonly number[]) => float32Loss(Float64Array.from(values), 0, values.length);
    expect(measured([2 ** 24 + 1, 0, 5, 1000])?.imprecise).toBe(false);
    expect(measured([0.1, 0.2, 0.3])?.imprecise).toBe(false);
    expect(measured([0.1, 0.1, 0])?.imprecise).toBe(false);
    expect(measured([NaN, Infinity])).toEqual({ overflowing: 0, vanishing: false, imprecise: false });
    expect(float32Loss(new Int16Array(3), 0, 3)).toBeUndefined();
  });
});

describe('a distance', () => {
  it('is measured with the affine, not with pixdim, through the folder of prepared cases too', async () => {
    const paths = oneCase();
    const fields = { pixdim: [1, 0.5, 0.5, 0.5], rows: [6.5, 0, 0, 0, 0, 6.5, 0, 0, 0, 0, 6.5, 0] };
    rewrite(paths.image, fields);
    rewrite(paths.label, fields);
    const dataset = await openDataset(paths.dir);
    const matching = { images: [], targets: Uint8Array.from({ length: 256 }, (_, k) => k), values: new Uint8Array() };
    for (const cache of [undefined, join(root, 'cache'), join(root, 'cache')]) {
      const { geometry, label } = await loadCase(
        dataset,
        'CASE_00',
        matching,
        { ...storedGrid, normalize: { kind: 'none' } },
        cache,
      );
      expect(geometry.warnings.map(({ code }) => code)).toEqual(['UNET6123']);
      const { rows } = evaluateCase({
        case: 'CASE_00',
        truth: label!,
        prediction: { data: new Uint8Array(voxels), shape },
        output: { kind: 'classes', labels: [0, 1, 2, 3].map((value) => ({ name: `class ${value}`, values: [value] })) },
        spacing: geometry.spacing,
      });
      expect(rows[0]?.hd95).toBeCloseTo(6.5 * Math.hypot(...shape), 4);
    }
  });
});

describe('unet data check', () => {
  const rows = (dx: number, dy: number, dz: number): number[] => [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0];

  it('warns of a voxel size that differs, however small it is', async () => {
    const dir = tinySet(join(root, `set${count++}`), { cases: 3, shape });
    const sizes = [0.001, 0.004, 0.001];
    sizes.forEach((size, k) => {
      for (const folder of ['imagesTr', 'labelsTr']) {
        rewrite(join(dir, folder, `CASE_0${k}.nii.gz`), {
          pixdim: [1, size, size, size],
          rows: rows(size, size, size),
        });
      }
    });
    expect(await problemsOf({ dir, image: '', label: '' })).toEqual([
      'warning UNET6029 Case `CASE_01` has a voxel size of 0.004 x 0.004 x 0.004 mm (D x H x W); most cases have 0.001 x 0.001 x 0.001 mm.',
    ]);
  });

  it('reports a label along other axes, contradictory sizes, and units that are missing', async () => {
    const paths = oneCase();
    rewrite(paths.image, { units: 0, pixdim: [1, 2, 2, 2] });
    rewrite(paths.label, { units: 0, rows: [-1, 0, 0, 9, 0, 1, 0, 0, 0, 0, 1, 0] });
    const report = await checkDataset(paths.dir);
    const text = formatCheckReport(report);
    expect(report.problems.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'warning UNET6123',
      'error UNET6120',
      'warning UNET6123',
    ]);
    expect(report.cases[0]).toMatchObject({ spacing: [1, 1, 1], unit: 'unknown' });
    expect(text).toContain('voxel size in mm');
    expect(text).toContain('1 of 1 image has no unit of length in the header (`xyzt_units`); millimetres are assumed.');
    expect(text).toMatch(/has voxels of 1 x 1 x 1 mm .* and of 2 x 2 x 2 mm by `pixdim`; the affine is used\./);
    expect(text).toMatch(/stores its axes as LAS and the image as RAS\.\n {2}help: Reorient the label to RAS/);
  });

  it('continues after a file whose affine or scaling cannot be used', async () => {
    const paths = oneCase();
    rewrite(paths.image, { rows: rows(0, 1, 1) });
    rewrite(paths.label, {}, 2, undefined, 2, NaN);
    expect((await problemsOf(paths)).map((each) => each.slice(0, 14))).toEqual(['error UNET6121', 'error UNET6126']);
  });
});
