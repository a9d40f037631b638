import { LEVEL } from '../statistics/detectable.js';
import type { ReportRow, StudyReport } from './report.js';
import { listed } from './number-text.js';
import { counted } from '../../../text/count.js';

/** What a row changes in the base. */
export function changeRemarks({ change, equal }: ReportRow): string[] {
  return [
    ...(change === '' ? [] : [change]),
    ...(equal ? [`${equal.knob} = ${equal.value} for equal ${equal.measure === 'macs' ? 'MACs' : 'parameters'}`] : []),
  ];
}

/** Short remarks about a row, needed to judge its values; they are shown in the row itself. */
export function rowRemarks(row: ReportRow): string[] {
  const { unmatched, inputs, selected } = row;
  return [
    ...changeRemarks(row),
    ...inputs,
    ...(selected === 'last' ? [] : ['selected on validation']),
    ...(unmatched ? [`UNMATCHED: ${unmatched.differs.join('; ')}`] : []),
  ];
}

/** The subject of the comparisons and their size. */
export function subjectOf({ study, rows, protocol }: StudyReport): string {
  const count = (kind: ReportRow['kind']): number => rows.filter((row) => row.kind === kind).length;
  const others = [
    ...(count('variant') > 0 ? [counted(count('variant'), 'variant')] : []),
    ...(count('rival') > 0 ? [counted(count('rival'), 'rival')] : []),
  ];
  const extent = listed([
    counted(study.cases.length, 'test case'),
    counted(study.folds.length, 'fold'),
    counted(study.seeds.length, 'seed'),
  ]);
  const compared = others.length === 0 ? 'is measured alone' : `is compared with ${listed(others)}`;
  return `${study.base} ${compared} on ${extent} of ${protocol.data.name}.`;
}

/**
 * The comparisons in which both tests of Dice are significant after Holm correction; the rows' conclusions require
 * more.
 */
export function findingOf({ rows, study }: StudyReport): string {
  const tested = rows.flatMap(({ variant, difference }) => {
    const { mean, pHolm } = difference?.dice ?? {};
    if (mean === undefined || !pHolm || pHolm.wilcoxon === null || pHolm.permutation === null) return [];
    return [{ variant, mean, p: Math.max(pHolm.wilcoxon, pHolm.permutation) }];
  });
  if (tested.length === 0) return `No difference in Dice from ${study.base} could be tested.`;
  const significant = 'significant at the 5 % level after Holm correction';
  const found = tested.filter(({ p }) => p < LEVEL);
  if (found.length === 0)
    return `${noneOf(tested.length)} is ${tested.length === 1 ? 'not ' : ''}${significant}. This does not show that the networks are equal.`;
  const named = found.map(({ variant, mean }) => `${variant} (${mean < 0 ? 'lower' : 'higher'})`);
  const some =
    tested.length === 1
      ? 'The one matched comparison is'
      : `${found.length} of ${tested.length} matched comparisons ${found.length === 1 ? 'is' : 'are'}`;
  return `${some} ${significant} in both tests: ${listed(named)}. The conclusions below the table require more.`;
}

function noneOf(comparisons: number): string {
  if (comparisons === 1) return 'The one matched comparison';
  return comparisons === 2 ? 'Neither of the 2 matched comparisons' : `None of the ${comparisons} matched comparisons`;
}

/** Explains the letters before p-values. */
export const TESTS_KEY =
  'p-values adjusted by Holm over the matched rows; W: Wilcoxon signed-rank, P: sign-flip permutation, both two-sided on per-case differences.';
