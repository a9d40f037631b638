import type { MetricRow } from '../../metrics/evaluate.js';
import { furtherScores, unionsIn } from '../../metrics/measures.js';
import type { RunEvidence, StudyEvidence, StudyJob } from '../evidence.js';
import { meanOverCases } from '../case-dice.js';
import type { StudyRow } from '../study-record.js';
import { isTabulated, REPORT_METRICS, type ReportMetric } from './report.js';

/** A finished run, with its scores indexed by case and class. */
export interface ScoredRun {
  readonly evidence: RunEvidence;
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, MetricRow>>;
}

/** A row of the table with its jobs, ordered by seed and then fold of the study. */
export interface TableRow {
  readonly row: StudyRow;
  readonly jobs: readonly StudyJob[];
  readonly runs: readonly ScoredRun[];
  /** Null if every run followed the study's protocol. */
  readonly unmatched: StudyRow['unmatched'];
}

/** The evidence of a study in canonical order. */
export interface Table {
  readonly seeds: readonly number[];
  readonly folds: readonly number[];
  /** Test cases of the study's folds, in the order of the data set. */
  readonly cases: readonly string[];
  readonly classes: readonly string[];
  /** Unions of classes that the report names. */
  readonly regions: readonly string[];
  /** Those that every table has, then those that the report adds. */
  readonly metrics: readonly ReportMetric[];
  readonly rows: readonly TableRow[];
  readonly base: TableRow;
  /** All rows except the base. */
  readonly others: readonly TableRow[];
}

export function isComplete({ jobs, runs }: TableRow): boolean {
  return jobs.length === runs.length;
}

/** Whether no run found a single voxel of the existing structures; values without a Dice are ignored. */
export function foundNothing({ runs }: TableRow): boolean {
  const scores = runs.flatMap(({ evidence }) => evidence.scores).filter(({ dice }) => dice !== null);
  return scores.length > 0 && scores.every(({ dice }) => dice === 0);
}

/** Below this mean Dice a run counts as one that learned nothing. */
export const NOTHING_LEARNED = 0.01;

/**
 * The runs of a row that learned nothing: whose Dice, averaged over classes and then over cases, is below
 * `NOTHING_LEARNED`. Runs without a Dice are not among them.
 */
export function runsWithoutLearning({ runs }: TableRow): readonly ScoredRun[] {
  return runs.filter(({ evidence }) => (meanOverCases(evidence.scores) ?? 1) < NOTHING_LEARNED);
}

function testCases({ record, protocol }: StudyEvidence): string[] {
  const tested = new Set(protocol.folds.filter(({ fold }) => record.folds.includes(fold)).flatMap(({ test }) => test));
  return protocol.data.cases.map(({ id }) => id).filter((id) => tested.has(id));
}

function scoredRun(evidence: RunEvidence, cases: ReadonlySet<string>): ScoredRun {
  const scores = new Map<string, Map<string, MetricRow>>();
  for (const row of [...evidence.scores, ...evidence.regions]) {
    if (!cases.has(row.case))
      throw new RangeError(
        `${evidence.run}/scores.json contains a score for ${row.case}, which is not in a test fold of the study.`,
      );
    const byClass = scores.get(row.case) ?? new Map<string, MetricRow>();
    if (byClass.has(row.class))
      throw new RangeError(`${evidence.run}/scores.json contains two scores for class ${row.class} of ${row.case}.`);
    scores.set(row.case, byClass.set(row.class, row));
  }
  return { evidence, scores };
}

/** A run under another protocol makes its row unmatched, whatever the study's file states. */
function mismatch(row: StudyRow, runs: readonly ScoredRun[], digest: string): StudyRow['unmatched'] {
  if (row.unmatched !== null) return row.unmatched;
  const strays = runs.filter(({ evidence }) => evidence.outcome.digest !== digest);
  if (strays.length === 0) return null;
  return {
    reason: 'Runs with a different protocol from that of the study',
    differs: strays.map(({ evidence }) => `${evidence.run}: digest ${evidence.outcome.digest.slice(0, 12)}`),
  };
}

function tableRow(row: StudyRow, { record, jobs, runs }: StudyEvidence, cases: ReadonlySet<string>): TableRow {
  const place = ({ seed, fold }: StudyJob): number =>
    record.seeds.indexOf(seed) * record.folds.length + record.folds.indexOf(fold);
  const own = <T extends StudyJob>(all: readonly T[]): T[] =>
    all.filter(({ variant }) => variant === row.name).sort((a, b) => place(a) - place(b));
  const scored = own(runs).map((run) => scoredRun(run, cases));
  return { row, jobs: own(jobs), runs: scored, unmatched: mismatch(row, scored, record.digest) };
}

/**
 * @throws RangeError if a scored case is not in a test fold, a class of a case is scored twice, or the base is not a
 * row
 */
export function tabulate(evidence: StudyEvidence): Table {
  const { record } = evidence;
  const cases = testCases(evidence);
  const rows = record.rows.map((row) => tableRow(row, evidence, new Set(cases)));
  const base = rows.find(({ row }) => row.name === record.base);
  if (base === undefined) throw new RangeError(`The study does not have a row ${record.base}.`);
  const classes = new Set(
    rows.flatMap(({ runs }) => runs.flatMap((run) => run.evidence.scores.map((each) => each.class))),
  );
  const others = rows.filter((row) => row !== base);
  const { seeds, folds, report } = record;
  const further = furtherScores(report).filter(isTabulated);
  return {
    seeds,
    folds,
    cases,
    classes: [...classes],
    regions: unionsIn(report).map(({ name }) => name),
    metrics: [...REPORT_METRICS, ...further],
    rows,
    base,
    others,
  };
}
