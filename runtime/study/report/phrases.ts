import { LEVEL } from '../statistics/detectable.js';
import type { ReportRow, StudyReport } from './report.js';
import { listed } from './wording.js';
import { counted } from '../../../text/count.js';

/** What a reader must know of a row beside its figures, a phrase each; they stand in the row itself. */
export function rowRemarks(row: ReportRow): string[] {
  const { change, equal, unmatched, selected } = row;
  return [
    ...(change === '' ? [] : [change]),
    ...(equal ? [`${equal.knob} = ${equal.value} for equal ${equal.measure === 'macs' ? 'MACs' : 'parameters'}`] : []),
    ...(selected === 'last' ? [] : ['selected on validation']),
    ...(unmatched ? [`UNMATCHED: ${unmatched.differs.join('; ')}`] : []),
  ];
}

/** What was compared with what, on how much. */
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

/** In which comparisons both tests of Dice stay below 5 % after Holm's correction; the rows' conclusions ask for more. */
export function findingOf({ rows, study }: StudyReport): string {
  const tested = rows.flatMap(({ variant, difference }) => {
    const { mean, pHolm } = difference?.dice ?? {};
    if (mean === undefined || !pHolm || pHolm.wilcoxon === null || pHolm.permutation === null) return [];
    return [{ variant, mean, p: Math.max(pHolm.wilcoxon, pHolm.permutation) }];
  });
  if (tested.length === 0) return `No difference of Dice from ${study.base} could be tested.`;
  const found = tested.filter(({ p }) => p < LEVEL);
  const test = 'both tests of the Dice difference stay below 5 % after Holm’s correction';
  const of = tested.length === 1 ? 'the one matched comparison' : `of ${tested.length} matched comparisons`;
  const none = tested.length === 1 ? `It is not so in ${of} that` : `In none ${of} do`;
  if (found.length === 0) return `${none} ${test}; that is no proof of equality.`;
  const named = found.map(({ variant, mean }) => `${variant} (${mean < 0 ? 'lower' : 'higher'})`);
  return `In ${tested.length === 1 ? of : `${found.length} ${of}`} ${test}: ${listed(named)}; what may be concluded of each stands with the table.`;
}

/** What the letters at p-values mean. */
export const TESTS_KEY =
  'p-values adjusted by Holm over the matched rows; W: Wilcoxon signed-rank, P: sign-flip permutation, both two-sided on per-case differences.';
