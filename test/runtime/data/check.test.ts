import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatCheckReport } from '../../../runtime/data/check-text.js';
import { checkDataset } from '../../../runtime/data/check.js';
import { encodeNifti } from '../../../runtime/data/nifti-write.js';
import { type Shape, imageOf, labelOf, put, temporaryFolder, tinySet, userErrorOf, plainGeometry } from './make.js';

const root = temporaryFolder();
const shape: Shape = [6, 8, 10];

function own(k: number): Shape {
  return [shape[0], shape[1], shape[2] + k];
}

describe('checkDataset', () => {
  it('reports shapes, spacings, classes and ranges of a sound set', async () => {
    const done: string[] = [];
    const dir = tinySet(join(root, 'sound'), { cases: 2, shape });
    const report = await checkDataset(dir, (k, of, id) => done.push(`${k}/${of} ${id}`));
    expect(done).toEqual(['1/2 CASE_00', '2/2 CASE_01']);
    expect(report.summary).toEqual({ cases: 2, errors: 0, warnings: 0 });
    const [first] = report.cases;
    expect(first).toMatchObject({ id: 'CASE_00', shape, spacing: [1, 1, 1], orientation: 'RAS', stored: 'int16' });
    const voxels = [0, 0, 0, 0];
    for (const value of labelOf(shape)) voxels[value] = (voxels[value] ?? 0) + 1;
    expect(first?.classes?.map((each) => each.voxels)).toEqual(voxels);
    const flair = [...imageOf(0, shape).subarray(0, 480)].filter((value) => value > 0);
    expect(first?.channels?.[0]).toMatchObject({
      modality: 'FLAIR',
      minimum: Math.min(...flair),
      maximum: Math.max(...flair),
      nonzero: flair.length / 480,
      nan: 0,
      infinite: 0,
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('goes through a set with many faults and names each with its case', async () => {
    const dir = tinySet(join(root, 'faulty'), { cases: 9, shape, table: 'case,site\nCASE_00,a\nCASE_99,b\n' });
    const image = (k: number): string => join(dir, 'imagesTr', `CASE_0${k}.nii.gz`);
    const label = (k: number): string => join(dir, 'labelsTr', `CASE_0${k}.nii.gz`);
    writeFileSync(image(0), readFileSync(image(0)).subarray(0, 200));
    rmSync(label(1));
    put(label(2), labelOf(shape), shape);
    put(label(3), labelOf(own(3)).fill(8, 0, 5), own(3));
    put(
      image(4),
      Float32Array.from(imageOf(4, own(4)))
        .fill(NaN, 0, 2)
        .fill(Infinity, 2, 5),
      own(4),
      4,
    );
    put(label(5), labelOf(own(5)).fill(0), own(5));
    writeFileSync(image(6), gzipSync(encodeNifti(imageOf(6, own(6)), plainGeometry(own(6), [3, 1, 1]), 4)));
    copyFileSync(image(7), image(8));
    copyFileSync(label(7), label(8));
    const { problems, summary, cases } = await checkDataset(dir);
    const told = problems.map(({ severity, code, caseId }) => `${severity} ${code} ${caseId ?? '-'}`);
    expect(told.filter((line) => !line.includes('UNET6015'))).toEqual([
      'error UNET6005 CASE_00',
      'error UNET6003 CASE_01',
      'error UNET6009 CASE_02',
      'error UNET6012 CASE_03',
      'error UNET6013 CASE_04',
      'warning UNET6028 CASE_05',
      'error UNET6009 CASE_06',
      'warning UNET6029 CASE_06',
      'error UNET6021 CASE_08',
    ]);
    expect(told.filter((line) => line.includes('UNET6015'))).toHaveLength(9);
    expect(cases).toHaveLength(9);
    expect(cases[0]).toMatchObject({ shape: null, channels: null });
    expect(cases[0]?.classes).not.toBeNull();
    expect(cases[4]?.channels?.[0]).toMatchObject({ nan: 2, infinite: 3 });
    expect(summary).toEqual({ cases: 9, errors: 7, warnings: 11 });
    for (const { caseId, message } of problems) if (caseId !== null) expect(message).toContain(caseId);
  });

  it('names cases that list one label file, and classes that no case contains', async () => {
    const entries = [0, 0].map((k, index) => ({
      image: `imagesTr/CASE_0${index}.nii.gz`,
      label: `labelsTr/CASE_0${k}.nii.gz`,
    }));
    const labels = { 0: 'background', 1: 'edema', 2: 'non-enhancing tumor', 3: 'enhancing tumour', 7: 'cyst' };
    const dir = tinySet(join(root, 'shared'), { cases: 2, shape, json: { training: entries, labels } });
    put(join(dir, 'imagesTr', 'CASE_01.nii.gz'), imageOf(1, shape), shape, 4);
    const { problems } = await checkDataset(dir);
    expect(problems.map(({ severity, code }) => [severity, code])).toEqual([
      ['warning', 'UNET6044'],
      ['error', 'UNET6032'],
    ]);
    expect(problems[0]!.message).toBe('No case contains `cyst`.');
  });

  it('prints tables, problems with help, and a last line', async () => {
    const dir = tinySet(join(root, 'printed'), { cases: 1, shape });
    rmSync(join(dir, 'labelsTr', 'CASE_00.nii.gz'));
    const text = formatCheckReport(await checkDataset(dir));
    expect(text).toContain('6 × 8 × 10');
    expect(text).toContain('T2w');
    expect(text).toMatch(/error UNET6003: Case `CASE_00`: `.*labelsTr.*` is missing\.\n {2}help: /);
    expect(text.trimEnd().split('\n').at(-1)).toBe('1 case, 1 error, 0 warnings');
  });

  it('reports entries that were left out, and stops only where nothing can be checked', async () => {
    const outside = { image: '../x.nii.gz', label: 'l.nii.gz' };
    const dir = tinySet(join(root, 'outside'), { cases: 1, shape, json: { training: [outside] } });
    const { problems } = await checkDataset(dir);
    expect(problems.map(({ code }) => code)).toEqual(['UNET6004', 'UNET6002']);
    expect((await userErrorOf(() => checkDataset(join(root, 'none')))).code).toBe('UNET6001');
  });
});
