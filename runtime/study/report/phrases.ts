import { formatRuns } from './format-figure.js';
import type { ReportRow, StudyReport } from './report.js';
import { counted, listed } from './wording.js';

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

const LEVEL = 0.05;

/** What the tests of Dice say after Holm's correction: a row counts where both stay below 5 %. */
export function findingOf({ rows, study }: StudyReport): string {
  const matched = rows.filter(({ kind, matched }) => kind !== 'base' && matched);
  const tested = matched.flatMap(({ variant, difference }) => {
    const p = difference?.dice?.pHolm;
    return !p || p.wilcoxon === null || p.permutation === null
      ? []
      : [{ variant, mean: difference.dice.mean, p: Math.max(p.wilcoxon, p.permutation) }];
  });
  if (tested.length === 0) return `No difference of Dice from ${study.base} could be tested.`;
  const found = tested.filter(({ p }) => p < LEVEL);
  const of = `of ${counted(tested.length, 'matched comparison')}`;
  if (found.length === 0)
    return `None ${of} shows a difference of Dice that both tests find at 5 % after Holm’s correction; that is no proof of equality.`;
  const named = found.map(({ variant, mean }) => `${variant} (${mean < 0 ? 'lower' : 'higher'})`);
  return `${found.length} ${of} ${found.length === 1 ? 'shows' : 'show'} a difference of Dice that both tests find at 5 % after Holm’s correction: ${listed(named)}.`;
}

/** Jobs that are still missing, by row; empty where all are done. */
export function unfinishedOf({ study: { jobs }, rows }: StudyReport): string {
  if (jobs.done === jobs.total) return '';
  const open = rows.filter(({ runs }) => runs.some(({ scores }) => scores === null));
  const where = listed(open.map((row) => `${row.variant} (${formatRuns(row)})`));
  return `${jobs.total - jobs.done} of ${counted(jobs.total, 'job')} not finished: ${where}. Figures are of what is there.`;
}

/** What the letters at p-values mean. */
export const TESTS_KEY =
  'p-values adjusted by Holm over the matched rows; W: Wilcoxon signed-rank, P: sign-flip permutation, both two-sided on per-case differences.';
