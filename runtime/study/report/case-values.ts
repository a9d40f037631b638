import type { MetricRow } from '../../metrics/evaluate.js';
import { SCORE_NAMES } from '../../metrics/scores.js';
import { mean } from '../statistics/moments.js';
import type { ReportMetric } from './report.js';
import type { ScoredRun, Table, TableRow } from './table.js';

/** One run's value for one case: the mean over the classes that have a value. */
export interface RunValue {
  readonly seed: number;
  readonly fold: number;
  readonly value: number;
}

export interface CaseValues {
  /** By case, without those that have no value; in order of seed and fold. */
  readonly cases: ReadonlyMap<string, readonly RunValue[]>;
  /** The number of rows (case, class, run) with a value, and the total number. */
  readonly counted: number;
  readonly all: number;
}

function scoreOf(row: MetricRow, metric: ReportMetric): number | null {
  const basic = SCORE_NAMES.find((name) => name === metric);
  return basic === undefined ? (row.further?.[metric] ?? null) : row[basic];
}

/** A value for each class that the run scored in the case; null where a class has none. */
function valuesOf({ scores }: ScoredRun, id: string, metric: ReportMetric, classes: readonly string[]) {
  const rows = classes.map((name) => scores.get(id)?.get(name)).filter((row) => row !== undefined);
  return rows.map((row) => scoreOf(row, metric));
}

/**
 * A metric of a row of the table, over some classes. A class in neither truth nor prediction has no value; a missed or
 * falsely predicted class has the worst possible value (`METRIC_POLICY`), so excluding the former does not improve
 * anything.
 */
export function caseValues(
  { cases }: Table,
  { runs }: TableRow,
  metric: ReportMetric,
  classes: readonly string[],
): CaseValues {
  const byCase = new Map<string, RunValue[]>();
  let [counted, all] = [0, 0];
  for (const id of cases)
    for (const run of runs) {
      const values = valuesOf(run, id, metric, classes);
      const known = values.filter((value) => value !== null);
      all += values.length;
      counted += known.length;
      if (known.length === 0) continue;
      const { seed, fold } = run.evidence;
      byCase.set(id, [...(byCase.get(id) ?? []), { seed, fold, value: mean(known) }]);
    }
  return { cases: byCase, counted, all };
}
