import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openPrepared } from '../../../runtime/data/cache.js';
import type { Caution } from '../../../runtime/data/cautions/caution.js';
import { findCase, openDataset } from '../../../runtime/data/dataset.js';
import type { StudyFold } from '../../../runtime/study/folds.js';
import { spreadCautions } from '../../../runtime/study/spread-cautions.js';
import { foldCautions } from '../../../runtime/study/study-cautions.js';
import { conditioned, imageOf, labelOf, put, temporaryFolder, tinySet, type Shape } from '../data/make.js';
import { withFields } from '../data/nifti-bytes.js';

const root = temporaryFolder();
const cache = join(root, 'cache');
const shape: Shape = [6, 8, 10];
const { description, protocol } = conditioned;
const fold = {
  fold: 0,
  train: ['CASE_00', 'CASE_01'],
  validation: ['CASE_02'],
  test: ['CASE_03', 'CASE_04', 'CASE_05', 'CASE_06'],
};

let made = 0;

/** Cautions of a fold of seven cases, of which each is decoded before. */
async function cautionsOf(
  sites: readonly string[],
  spoil: (dir: string) => void = () => undefined,
  of: StudyFold = fold,
): Promise<Caution[]> {
  const table = ['case,site', ...sites.map((site, k) => `CASE_0${k},${site}`), ''].join('\n');
  const dir = tinySet(join(root, `set${made++}`), { cases: 7, shape, table });
  spoil(dir);
  const dataset = await openDataset(dir);
  for (const { id } of dataset.cases) await openPrepared(cache, dataset, findCase(dataset, id));
  return foldCautions({ dataset, description, protocol, fold: of }, cache);
}

const alike = Array.from({ length: 7 }, () => 'north');

describe('the cautions of a fold', () => {
  it('count every test case with an untrained row: of a site that is only tested, and without a site', async () => {
    const found = await cautionsOf(['north', 'north', 'north', 'south', 'south', '', 'north']);
    const about = found.filter(({ code }) => ['UNET6041', 'UNET6042'].includes(code));
    expect(about.map(({ code, cases }) => [code, cases])).toEqual([
      ['UNET6041', ['CASE_03', 'CASE_04']],
      ['UNET6042', ['CASE_05']],
    ]);
  });

  it('report a contradictory header once for a study, whichever fold tests the case', async () => {
    const spoil = (dir: string): void => {
      for (const k of [1, 4]) {
        const file = join(dir, 'imagesTr', `CASE_0${k}.nii.gz`);
        writeFileSync(file, gzipSync(withFields(gunzipSync(readFileSync(file)), { pixdim: [1, 2, 2, 2 + k] })));
      }
    };
    const other = { ...fold, fold: 1, train: fold.test, test: fold.train };
    const found = await Promise.all(
      [fold, other].map(async (of) => ({
        variant: 'Model',
        fold: of.fold,
        cautions: await cautionsOf(alike, spoil, of),
      })),
    );
    const headers = spreadCautions(found).filter(({ caution }) => caution.code === 'UNET6123');
    expect(headers).toHaveLength(1);
    expect(headers[0]).toMatchObject({ folds: [0, 1], isGeneral: true, caution: { cases: ['CASE_01', 'CASE_04'] } });
  });

  it('refuse a test or validation case whose image is also trained on, unless allowed', async () => {
    for (const k of [2, 4]) {
      const found = await cautionsOf(alike, (dir) => {
        for (const folder of ['imagesTr', 'labelsTr'])
          copyFileSync(join(dir, folder, 'CASE_00.nii.gz'), join(dir, folder, `CASE_0${k}.nii.gz`));
      });
      expect(found.find(({ code }) => code === 'UNET6033')).toMatchObject({
        severity: 'error',
        allow: 'training-cases',
        cases: [`CASE_0${k}`],
        help: expect.stringContaining('--allow-training-cases') as string,
      });
    }
  });

  it('refuse two test cases with one label', async () => {
    const found = await cautionsOf(alike, (dir) => {
      const own: Shape = [shape[0], shape[1], shape[2] + 3];
      put(join(dir, 'imagesTr', 'CASE_04.nii.gz'), imageOf(4, own), own, 4);
      copyFileSync(join(dir, 'labelsTr', 'CASE_03.nii.gz'), join(dir, 'labelsTr', 'CASE_04.nii.gz'));
    });
    expect(found.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'UNET6032', allow: 'shared-labels', cases: ['CASE_03', 'CASE_04'] },
    ]);
  });

  it('name a class that no test case contains', async () => {
    const found = await cautionsOf(alike, (dir) => {
      for (const k of [3, 4, 5, 6]) {
        const own: Shape = [shape[0], shape[1], shape[2] + k];
        const label = labelOf(own).map((value) => (value === 3 ? 2 : value));
        put(join(dir, 'labelsTr', `CASE_0${k}.nii.gz`), label, own);
      }
    });
    const absent = found.filter(({ code }) => code === 'UNET6044').map(({ message }) => message);
    expect(absent).toEqual([expect.stringContaining('No scored case contains `enhancing tumour`')]);
  });
});
