import { mean } from '../statistics/moments.js';
import { caseValues, type RunValue } from './case-values.js';
import type { ReportMetric } from './report.js';
import type { Table, TableRow } from './table.js';

/** A row minus the base for the cases, seeds and folds that both have. */
export interface Paired {
  /** One per case: the mean over the runs that are paired in it. */
  readonly differences: readonly number[];
  /** Mean difference of each seed over cases, in the order of the study's seeds; null if there are none. */
  readonly seeds: readonly (number | null)[];
  /** The number of cases for which only one of the two has a value. */
  readonly unpaired: number;
}

/** Rounds differences so that values equal up to rounding are equal numbers, as ties and zeros must be. */
export function rounded(difference: number): number {
  return Math.round(difference * 1e12) / 1e12 + 0;
}

function paired(own: readonly RunValue[], others: readonly RunValue[]): RunValue[] {
  return own.flatMap(({ seed, fold, value }) => {
    const other = others.find((each) => each.seed === seed && each.fold === fold);
    return other === undefined ? [] : [{ seed, fold, value: value - other.value }];
  });
}

function caseMeans(cases: readonly (readonly RunValue[])[]): number[] {
  return cases.filter(({ length }) => length > 0).map((values) => rounded(mean(values.map(({ value }) => value))));
}

/** @param classes whose mean is compared; defaults to all classes */
export function pairedDifferences(
  table: Table,
  row: TableRow,
  metric: ReportMetric,
  classes: readonly string[] = table.classes,
): Paired {
  const own = caseValues(table, row, metric, classes).cases;
  const base = caseValues(table, table.base, metric, classes).cases;
  const cases = table.cases.map((id) => paired(own.get(id) ?? [], base.get(id) ?? []));
  const differences = caseMeans(cases);
  const seeds = table.seeds.map((seed) => {
    const means = caseMeans(cases.map((values) => values.filter((each) => each.seed === seed)));
    return means.length === 0 ? null : rounded(mean(means));
  });
  const either = table.cases.filter((id) => own.has(id) || base.has(id));
  return { differences, seeds, unpaired: either.length - differences.length };
}
