import { mean } from '../statistics/moments.js';
import type { ReportMetric } from './report.js';
import type { ScoredRun, Table, TableRow } from './table.js';

/** What one run says of one case: the mean over the classes that have a value. */
export interface RunValue {
  readonly seed: number;
  readonly fold: number;
  readonly value: number;
}

export interface CaseValues {
  /** By case, those without any value left out; in order of seed and fold. */
  readonly cases: ReadonlyMap<string, readonly RunValue[]>;
  /** Rows (case, class, run) that have a value, and all of them. */
  readonly counted: number;
  readonly all: number;
}

/** A value for each class that the run scored in the case; null where a class has none. */
function valuesOf({ scores }: ScoredRun, id: string, metric: ReportMetric, classes: readonly string[]) {
  const rows = classes.map((name) => scores.get(id)?.get(name)).filter((row) => row !== undefined);
  return rows.map((row) => row[metric]);
}

/**
 * A metric of a row of the table, over some classes. A class in neither truth nor prediction has no value; one that
 * was missed or invented has the worst there is (`METRIC_POLICY`), so leaving out the first improves nothing.
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
