import { bcaInterval } from '../statistics/bca.js';
import { detectableDifference, LEVEL, smallestP } from '../statistics/detectable.js';
import { holm } from '../statistics/holm.js';
import { probabilityOfImprovement } from '../statistics/improvement.js';
import { mean } from '../statistics/moments.js';
import { signFlipTest } from '../statistics/sign-flip.js';
import { wilcoxonSignedRank } from '../statistics/wilcoxon.js';
import { settle, settleInterval } from './figure.js';
import { pairedDifferences, rounded } from './paired.js';
import { REPORT_METRICS, type Difference, type PValues, type ReportMetric } from './report.js';
import type { Table, TableRow } from './table.js';

export type Differences = Readonly<Partial<Record<ReportMetric, Difference>>>;

const UNTESTED: PValues = { wilcoxon: null, permutation: null };

/** Rows under different protocols are not tested, because a test would suggest a claim about architectures. */
export function isTested({ base }: Table, row: TableRow): boolean {
  return row !== base && row.unmatched === null && base.unmatched === null;
}

function testsOf(differences: readonly number[]): PValues {
  const p = (result: { readonly p: number } | null): number | null => result && settle(result.p);
  return { wilcoxon: p(wilcoxonSignedRank(differences)), permutation: p(signFlipTest(differences)) };
}

/** Rows in the Holm family. */
export function testedRows(table: Table): TableRow[] {
  return table.others.filter((row) => isTested(table, row));
}

function compare(table: Table, row: TableRow, metric: ReportMetric): Difference | undefined {
  const { differences } = pairedDifferences(table, row, metric);
  if (differences.length === 0) return undefined;
  const tested = isTested(table, row);
  const detectable = tested ? detectableDifference(differences, testedRows(table).length) : null;
  return {
    mean: settle(rounded(mean(differences))),
    ci: settleInterval(bcaInterval(differences)),
    n: differences.length,
    p: tested ? testsOf(differences) : UNTESTED,
    pHolm: UNTESTED,
    smallestP: null,
    improvement: probabilityOfImprovement(metric === 'hd95' ? differences.map((each) => -each) : differences),
    detectable: detectable && settle(detectable),
  };
}

/**
 * Whether no difference of any size could be significant: the smallest p-value that its tests can reach is too large.
 */
export function cannotShow({ smallestP: smallest }: Pick<Difference, 'smallestP'>): boolean {
  return smallest !== null && smallest >= LEVEL;
}

/** Holm correction over all tested rows, one family per test; a row without a run yet counts in it. */
function adjust(family: readonly (Difference | undefined)[]): Pick<Difference, 'pHolm' | 'smallestP'>[] {
  const wilcoxon = holm(family.map((each) => each?.p.wilcoxon ?? null));
  const permutation = holm(family.map((each) => each?.p.permutation ?? null));
  const smallest = holm(family.map((each) => (each === undefined ? null : smallestP(each.n))));
  const settled = (p: number | null | undefined): number | null => (p == null ? null : settle(p));
  return family.map((_, index) => ({
    pHolm: { wilcoxon: settled(wilcoxon[index]), permutation: settled(permutation[index]) },
    smallestP: settled(smallest[index]),
  }));
}

function differencesIn(table: Table, metric: ReportMetric): ReadonlyMap<TableRow, Difference> {
  const compared = new Map(table.others.map((row) => [row, compare(table, row, metric)]));
  const family = testedRows(table);
  const adjusted = adjust(family.map((row) => compared.get(row)));
  return new Map(
    [...compared].flatMap(([row, difference]) =>
      difference === undefined ? [] : [[row, { ...difference, ...adjusted[family.indexOf(row)] }]],
    ),
  );
}

/** Compares every row except the base with the base, for each metric for which they share a case. */
export function differencesOf(table: Table): ReadonlyMap<TableRow, Differences> {
  const byMetric = REPORT_METRICS.map((metric) => [metric, differencesIn(table, metric)] as const);
  return new Map(
    table.others.map((row) => [
      row,
      Object.fromEntries(
        byMetric.flatMap(([metric, differences]) => {
          const difference = differences.get(row);
          return difference === undefined ? [] : [[metric, difference]];
        }),
      ),
    ]),
  );
}
