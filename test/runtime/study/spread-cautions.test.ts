import { describe, expect, it } from 'vitest';
import { warning } from '../../../runtime/data/cautions/caution.js';
import { buildReport } from '../../../runtime/study/report/build-report.js';
import { spreadCautions } from '../../../runtime/study/spread-cautions.js';
import { makeEvidence } from './make-evidence.js';

const mixed = warning('UNET6037', 'The spacing is mixed.', 'Resample.');
const site = (cases: number) => warning('UNET6041', `${cases} cases have an untrained value.`, 'Split otherwise.');

describe('cautions of a study', () => {
  it('are about the whole study if all rows have them, else about rows, and name folds unless these are all', () => {
    const spread = spreadCautions([
      { variant: 'A', fold: 0, cautions: [mixed, site(2)] },
      { variant: 'A', fold: 1, cautions: [mixed, site(1)] },
      { variant: 'B', fold: 0, cautions: [mixed] },
      { variant: 'B', fold: 1, cautions: [mixed] },
    ]);
    expect(spread.map(({ text, variants, isGeneral }) => [text, variants, isGeneral])).toEqual([
      ['The spacing is mixed. (UNET6037)', ['A', 'B'], true],
      ['Fold 0: 2 cases have an untrained value. (UNET6041)', ['A'], false],
      ['Fold 1: 1 cases have an untrained value. (UNET6041)', ['A'], false],
    ]);
  });

  it('stand with the table and its rows, each once, however many seeds found them', () => {
    const evidence = makeEvidence({
      rows: [{ name: 'base' }, { name: 'without site' }],
      folds: 2,
      outcome: ({ variant, fold }) => ({ cautions: variant === 'base' && fold === 1 ? [mixed, site(2)] : [mixed] }),
    });
    const { cautions, rows } = buildReport(evidence);
    expect(cautions.filter((caution) => caution === 'The spacing is mixed. (UNET6037)')).toHaveLength(1);
    expect(rows.map((row) => row.cautions)).toEqual([['Fold 1: 2 cases have an untrained value. (UNET6041)'], []]);
  });

  it('name the jobs of a row that diverged', () => {
    const evidence = makeEvidence({
      rows: [{ name: 'base' }, { name: 'wide' }],
      unfinished: ({ variant, seed }) => variant === 'wide' && seed === 2,
    });
    const diverged = evidence.jobs.filter(({ variant, seed }) => variant === 'wide' && seed === 2);
    const { rows } = buildReport({ ...evidence, diverged });
    expect(rows.map((row) => row.cautions)).toEqual([
      [],
      [
        '1 of 2 jobs diverged (seed 2, fold 0): the loss or the gradients were not finite, so these jobs have no scores.',
      ],
    ]);
  });
});
