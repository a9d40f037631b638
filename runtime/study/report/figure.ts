import { bcaInterval } from '../statistics/bca.js';
import { mean } from '../statistics/moments.js';
import { caseValues, type RunValue } from './case-values.js';
import type { ByMetric, Figure, Interval, ReportMetric } from './report.js';
import type { Table, TableRow } from './table.js';

export type Figures = ByMetric<Figure>;

/** Rounds to twelve digits, so that every machine prints the same results for the same scores. */
export function settle(value: number): number {
  return Number(value.toPrecision(12));
}

export function settleInterval(interval: Interval | null): Interval | null {
  return interval && [settle(interval[0]), settle(interval[1])];
}

function meanValue(values: readonly RunValue[]): number {
  return mean(values.map(({ value }) => value));
}

function seedMean(cases: readonly (readonly RunValue[])[], seed: number): number | null {
  const own = cases.map((values) => values.filter((each) => each.seed === seed)).filter(({ length }) => length > 0);
  return own.length === 0 ? null : settle(mean(own.map(meanValue)));
}

function figureOf(table: Table, row: TableRow, metric: ReportMetric, classes: readonly string[]): Figure | undefined {
  const { cases, counted, all } = caseValues(table, row, metric, classes);
  if (cases.size === 0) return undefined;
  const byCase = [...cases.values()];
  const means = byCase.map(meanValue);
  return {
    mean: settle(mean(means)),
    ci: settleInterval(bcaInterval(means)),
    n: means.length,
    rows: { counted, all },
    seeds: table.seeds.map((seed) => seedMean(byCase, seed)),
  };
}

/** Means of a row over cases, for each metric that has any value. */
export function figuresOf(table: Table, row: TableRow, classes: readonly string[]): Figures {
  return Object.fromEntries(
    table.metrics.flatMap((metric) => {
      const figure = figureOf(table, row, metric, classes);
      return figure === undefined ? [] : [[metric, figure]];
    }),
  );
}
