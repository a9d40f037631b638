import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../contract/protocol.js';
import { foldsOf } from '../../../runtime/data/split.js';
import { studyFold as foldForStudy } from '../../../runtime/study/folds.js';
import { watchedCases } from '../../../runtime/study/open-job.js';
import { tinyProtocol } from '../training/tiny-network.js';

const ids = Array.from({ length: 11 }, (_, index) => `case${index}`);
const base = tinyProtocol();
const last: Protocol = {
  ...base,
  split: { kind: 'kfold', folds: 4, seed: 3, group: null, stratify: null },
  select: { kind: 'last' },
};
const best = { ...last, select: { kind: 'best' } } as Protocol;
const folds = [0, 1, 2, 3];

function studyFold(given: readonly string[], { split, select }: Protocol, fold: number) {
  if (split.kind === 'file') throw new Error('no file here');
  return foldForStudy(
    foldsOf(
      given.map((id) => ({ id, columns: {} })),
      split,
    ),
    select,
    fold,
  );
}

describe('studyFold', () => {
  it('tests every case once over all folds, and never on one trained on', () => {
    const all = folds.map((fold) => studyFold(ids, last, fold));
    expect(all.flatMap(({ test }) => test).sort()).toEqual([...ids].sort());
    for (const { train, validation, test } of all) {
      expect(validation).toEqual([]);
      expect([...train, ...test].sort()).toEqual([...ids].sort());
    }
  });

  it('selects on cases that are neither trained on nor tested on', () => {
    for (const fold of folds) {
      const { train, validation, test } = studyFold(ids, best, fold);
      expect(validation).toEqual(studyFold(ids, last, (fold + 1) % folds.length).test);
      // All cases, and none of them twice.
      expect([...train, ...validation, ...test].sort()).toEqual([...ids].sort());
      expect(test).toEqual(studyFold(ids, last, fold).test);
      expect(validation).toEqual(studyFold(ids, last, (fold + 1) % 4).test);
      expect(watchedCases({ fold, train, validation, test })).toEqual(validation);
    }
  });

  it('does not depend on the order of the cases', () => {
    expect(studyFold([...ids].reverse(), best, 1)).toEqual(studyFold(ids, best, 1));
  });
});
