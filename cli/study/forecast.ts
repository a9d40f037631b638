import { formatSeconds } from '../../compiler/study/estimate-time.js';
import type { StudyJob } from '../../runtime/study/evidence.js';
import { jobsOf } from '../../runtime/study/jobs.js';
import { detectableText, remedyText, seedsText, smallestText } from '../../runtime/study/report/prospect-text.js';
import { bestPossible, type BestPossible } from '../../runtime/study/statistics/best-possible.js';
import { counted } from '../../text/count.js';
import { messageLines } from '../message.js';
import { estimateJobs, estimateRows, type RowEstimate } from './estimate-study.js';
import type { StudyPlan } from './plan-study.js';

/** The expected duration and best possible result of a study, before anything is trained. */
export interface Forecast {
  /** The number of jobs of the study, and of those remaining. */
  readonly total: number;
  readonly left: number;
  readonly rows: readonly RowEstimate[];
  /** Estimated duration of the remaining jobs, in seconds. */
  readonly seconds: number;
  readonly best: BestPossible;
}

/** The jobs of a planned study, row by row. */
export function plannedJobs({ rows, record }: StudyPlan): readonly StudyJob[] {
  return jobsOf({ seeds: record.seeds, folds: record.folds, rows: rows.map(({ row }) => row) });
}

/** @param left remaining jobs */
export function forecastOf(plan: StudyPlan, left: readonly StudyJob[]): Forecast {
  const { rows, protocol, jobs: atATime } = plan;
  const estimates = estimateRows(plan);
  const ofRow = protocol.seeds.length * protocol.folds.length;
  const perRow = rows.map(({ row }) => left.filter(({ variant }) => variant === row.name).length);
  const [base, ...others] = rows.map(({ row }) => row);
  const tested = base!.unmatched === null ? others.filter(({ unmatched }) => unmatched === null) : [];
  return {
    total: rows.length * ofRow,
    left: left.length,
    rows: estimates,
    seconds: estimateJobs(estimates, { left: perRow, ofRow, atATime }),
    best: bestPossible({ cases: testCases(plan), comparisons: tested.length, seeds: protocol.seeds.length }),
  };
}

/** The number of different cases that the study's folds test on. */
export function testCases({ protocol }: StudyPlan): number {
  return new Set(protocol.folds.flatMap(({ test }) => test)).size;
}

/** `75 jobs (5 rows × 3 seeds × 5 folds), 2 at a time with 1 thread each: about 2.6 h, not counting ...`. */
export function jobsLine({ rows, protocol, jobs, threads }: StudyPlan, { total, left, seconds }: Forecast): string {
  const { seeds, folds } = protocol;
  const extent = `${counted(rows.length, 'row')} × ${counted(seeds.length, 'seed')} × ${counted(folds.length, 'fold')}`;
  const done = left === total ? '' : `, ${total - left} already done`;
  const share = `${Math.min(jobs, Math.max(1, left))} at a time with ${counted(threads, 'thread')} each`;
  return `${counted(total, 'job')} (${extent})${done}, ${share}: about ${formatSeconds(seconds)} (estimate), excluding data loading and scoring.`;
}

/** The best result that the study could show, and a warning if that is nothing. */
export function prospectLines({ best }: Forecast): string[] {
  const { comparisons, canShow, level, cases, seeds } = best;
  if (comparisons === 0)
    return ['No row is tested against the base: the study has no variant or rival that follows its protocol.'];
  const seedsLine = seedsText(seeds);
  if (canShow) return [`Best possible result: ${smallestText(best)}. ${detectableText(best) ?? ''}`, seedsLine];
  const message = `This study cannot show a significant difference, whatever its results: ${smallestText(best)}, and significance requires less than ${level}.`;
  return [
    ...messageLines({
      severity: 'warning',
      code: 'UNET6118',
      text: message,
      help: cases === 0 ? undefined : remedyText(best),
    }),
    seedsLine,
  ];
}
