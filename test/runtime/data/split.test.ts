import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SplitProtocol } from '../../../contract/protocol.js';
import { groupedFolds } from '../../../runtime/data/grouped-folds.js';
import { foldOf, foldsOf, splitDataset } from '../../../runtime/data/split.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { temporaryFolder, tinySet, userErrorOf } from './make.js';

type KFold = Extract<SplitProtocol, { kind: 'kfold' }>;
type Pure = Exclude<SplitProtocol, { kind: 'file' }>;
const plain = { group: null, stratify: null };

function splitCases(ids: readonly string[], split: Pure | Omit<KFold, 'group' | 'stratify'>, fold = 0) {
  const whole = split.kind === 'kfold' ? { ...plain, ...split } : split;
  return foldOf(
    foldsOf(
      ids.map((id) => ({ id, columns: {} })),
      whole,
    ),
    fold,
  );
}

const ids = Array.from({ length: 11 }, (_, k) => `C${String(k).padStart(2, '0')}`);

describe('splitCases', () => {
  it('validates each case once over the folds, evenly, whatever the order given', () => {
    const folds = [0, 1, 2].map((fold) => splitCases(ids, { kind: 'kfold', folds: 3, seed: 5 }, fold));
    expect(folds.flatMap(({ validation }) => validation).sort()).toEqual(ids);
    for (const [fold, { train, validation }] of folds.entries()) {
      expect([...train, ...validation].sort()).toEqual(ids);
      expect([3, 4]).toContain(validation.length);
      expect(splitCases([...ids].reverse(), { kind: 'kfold', folds: 3, seed: 5 }, fold)).toEqual({ train, validation });
    }
  });

  it('depends on its seed', () => {
    const of = (seed: number) => splitCases(ids, { kind: 'kfold', folds: 3, seed }).validation.join();
    expect(new Set([1, 2, 3, 4, 5].map(of)).size).toBeGreaterThan(3);
  });

  it('takes named cases', () => {
    const split = { kind: 'cases', train: ['C03', 'C01'], validation: ['C00'] } as const;
    expect(splitCases(ids, split)).toEqual({ train: ['C01', 'C03'], validation: ['C00'] });
  });

  const impossible: [string, Parameters<typeof splitCases>[1], number, RegExp][] = [
    ['more folds than cases', { kind: 'kfold', folds: 12, seed: 1 }, 0, /11 labelled cases.*12 folds/],
    ['a fold that is not', { kind: 'kfold', folds: 3, seed: 1 }, 3, /Fold 3 does not exist/],
    ['a fold of named cases', { kind: 'cases', train: ['C00'], validation: [] }, 1, /Fold 1 does not exist/],
    ['an unknown case', { kind: 'cases', train: ['C0O'], validation: [] }, 0, /`C0O`/],
    ['a case in both', { kind: 'cases', train: ['C00', 'C01'], validation: ['C01'] }, 0, /`C01` in both training and/],
    ['no training case', { kind: 'cases', train: [], validation: ['C01'] }, 0, /no training case/],
  ];
  it.each(impossible)('refuses %s', async (_, split, fold, part) => {
    const error = await userErrorOf(() => splitCases(ids, split, fold));
    expect(error.code).toBe('UNET6017');
    expect(error.message).toMatch(part);
    expect(error.help, 'a remedy, as a sentence').toMatch(/^[A-Z].{10,}[.?]$/s);
  });
});

describe('grouped and stratified folds', () => {
  /** 60 patients with 1 to 4 scans each, of three sites of different size. */
  const random = randomStream(9, 'patients');
  const cases = Array.from({ length: 60 }, (_, patient) => {
    const site = patient < 36 ? 'north' : patient < 54 ? 'west' : 'south';
    return Array.from({ length: 1 + random.integer(4) }, (__, scan) => ({
      id: `P${String(patient).padStart(2, '0')}_${scan}`,
      columns: { patient: `P${patient}`, site },
    }));
  }).flat();
  const split: KFold = { kind: 'kfold', folds: 5, seed: 1, group: { name: 'patient' }, stratify: { name: 'site' } };
  const patientOf = (id: string) => id.slice(0, 3);

  it('never divide a group, and hold out every case once', () => {
    const folds = foldsOf(cases, split);
    expect(folds.flatMap(({ validation }) => validation).sort()).toEqual(cases.map(({ id }) => id).sort());
    for (const { train, validation } of folds) {
      const trained = new Set(train.map(patientOf));
      expect(validation.filter((id) => trained.has(patientOf(id)))).toEqual([]);
    }
    expect(foldsOf([...cases].reverse(), split)).toEqual(folds);
    expect(foldsOf(cases, { ...split, seed: 2 })).not.toEqual(folds);
  });

  it('keep the share of each stratum within one group of the ideal', () => {
    for (const site of ['north', 'west', 'south']) {
      const own = new Set(cases.filter(({ columns }) => columns.site === site).map(({ id }) => id));
      const counts = foldsOf(cases, split).map(({ validation }) => validation.filter((id) => own.has(id)).length);
      expect(Math.max(...counts) - Math.min(...counts), `${site}: ${counts.join()}`).toBeLessThanOrEqual(4);
    }
  });

  it('without groups, differ by at most one case in every stratum and in total', () => {
    for (let seed = 0; seed < 20; seed++) {
      const folds = foldsOf(cases, { ...split, seed, group: null });
      const sizes = folds.map(({ validation }) => validation.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      for (const site of ['north', 'west', 'south']) {
        const own = new Set(cases.filter(({ columns }) => columns.site === site).map(({ id }) => id));
        const counts = folds.map(({ validation }) => validation.filter((id) => own.has(id)).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('put the largest groups into different folds', () => {
    const sizes = [5, 5, 1, 1, 1, 1, 1, 1];
    const grouped = sizes.flatMap((size, group) =>
      Array.from({ length: size }, (_, k) => ({ id: `${group}-${k}`, group: String(group), stratum: '' })),
    );
    expect(groupedFolds(grouped, 2, 1).map((fold) => fold.length)).toEqual([8, 8]);
  });

  const wrong: [string, KFold, readonly { id: string; columns: Record<string, string> }[], RegExp][] = [
    [
      'a column that is missing',
      { ...split, group: { name: 'subject' } },
      cases,
      /groups cases by the column `subject`/,
    ],
    ['fewer groups than folds', { ...split, folds: 61 }, cases, /60 groups of cases cannot be split into 61 folds/],
    [
      'a case without a group',
      split,
      [...cases, { id: 'X', columns: { site: 'west', patient: '' } }],
      /`X` has no value/,
    ],
  ];
  it.each(wrong)('refuse %s', async (_, protocol, given, part) => {
    const error = await userErrorOf(() => foldsOf(given, protocol));
    expect(error.code).toBe('UNET6017');
    expect(error.message).toMatch(part);
  });
});

describe('a split file', () => {
  const dir = tinySet(join(temporaryFolder(), 'set'), { cases: 4 });
  const put = (folds: unknown) => writeFileSync(join(dir, 'splits_final.json'), JSON.stringify(folds));
  const first = { train: ['CASE_01', 'CASE_00'], val: ['CASE_02'] };
  const second = { train: ['CASE_02', 'CASE_03'], val: ['CASE_00'] };
  const of = async (folds: number, path = 'splits_final.json') =>
    splitDataset(await openDataset(dir), { kind: 'file', path, folds });

  it('gives the folds by position', async () => {
    put([first, second]);
    expect(await of(2)).toEqual([
      { train: ['CASE_00', 'CASE_01'], validation: ['CASE_02'] },
      { train: ['CASE_02', 'CASE_03'], validation: ['CASE_00'] },
    ]);
  });

  it.each([
    [
      'an unknown case',
      [first, { ...second, val: ['CASE_9'] }],
      'UNET6017',
      /Fold 1 of `.*splits_final\.json` contains the case `CASE_9`/,
    ],
    ['a case in both parts', [{ ...first, val: ['CASE_00'] }, second], 'UNET6017', /`CASE_00` in both/],
    ['another number of folds', [first], 'UNET6017', /has 1 fold, but the protocol expects 2/],
    ['another form', { train: [] }, 'UNET6017', /splits_final\.json/],
  ])('refuses %s', async (_, folds, code, part) => {
    put(folds);
    const error = await userErrorOf(() => of(2));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(part);
  });

  it('refuses a missing file and one outside the data set', async () => {
    expect((await userErrorOf(() => of(2, 'none.json'))).message).toMatch(/none\.json.*missing/);
    expect((await userErrorOf(() => of(2, '../x.json'))).code).toBe('UNET6004');
  });
});
