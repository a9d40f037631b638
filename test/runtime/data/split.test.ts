import { describe, expect, it } from 'vitest';
import { splitCases } from '../../../runtime/data/split.js';
import { userErrorOf } from './make.js';

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
