import { measureOf } from '../../metrics/measures.js';
import { bcaInterval } from '../statistics/bca.js';
import { detectableDifference, LEVEL, smallestP } from '../statistics/detectable.js';
import { holm } from '../statistics/holm.js';
import { probabilityOfImprovement } from '../statistics/improvement.js';
import { mean } from '../statistics/moments.js';
import { signFlipTest } from '../statistics/sign-flip.js';
import { wilcoxonSignedRank } from '../statistics/wilcoxon.js';
import { settle, settleInterval } from './figure.js';
import { pairedDifferences, rounded } from './paired.js';
import type { ByMetric, Difference, PValues, ReportMetric } from './report.js';
import type { Table, TableRow } from './table.js';

export type Differences = ByMetric<Difference>;

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

/** @param comparisons the number of tests in the Holm family */
function compare(
  table: Table,
  row: TableRow,
  metric: ReportMetric,
  classes: readonly string[],
  comparisons: number,
): Difference | undefined {
  const { differences } = pairedDifferences(table, row, metric, classes);
  if (differences.length === 0) return undefined;
  const tested = isTested(table, row);
  const detectable = tested ? detectableDifference(differences, comparisons) : null;
  const isLowerBetter = measureOf(metric).better === 'lower';
  return {
    mean: settle(rounded(mean(differences))),
    ci: settleInterval(bcaInterval(differences)),
    n: differences.length,
    p: tested ? testsOf(differences) : UNTESTED,
    pHolm: UNTESTED,
    smallestP: null,
    improvement: probabilityOfImprovement(isLowerBetter ? differences.map((each) => -each) : differences),
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

/** Classes whose mean is compared, under a name. */
interface Group {
  readonly name: string;
  readonly classes: readonly string[];
}

/** A row and a group of classes: one comparison of a family. */
interface Comparison {
  readonly row: TableRow;
  readonly group: Group;
}

/** The comparisons of all rows and groups by one metric, adjusted as one family per test. */
function familyIn(table: Table, metric: ReportMetric, groups: readonly Group[]): ReadonlyMap<Comparison, Difference> {
  const comparisons = table.others.flatMap((row) => groups.map((group): Comparison => ({ row, group })));
  const family = comparisons.filter(({ row }) => isTested(table, row));
  const compared = new Map(
    comparisons.map((each) => [each, compare(table, each.row, metric, each.group.classes, family.length)]),
  );
  const adjusted = adjust(family.map((each) => compared.get(each)));
  return new Map(
    [...compared].flatMap(([each, difference]) =>
      difference === undefined ? [] : [[each, { ...difference, ...adjusted[family.indexOf(each)] }]],
    ),
  );
}

/** Differences by row, then by the group's name, then by metric. */
function byGroup(
  table: Table,
  metrics: readonly ReportMetric[],
  groups: readonly Group[],
): ReadonlyMap<TableRow, Readonly<Record<string, Differences>>> {
  const families = metrics.map((metric) => [metric, [...familyIn(table, metric, groups)]] as const);
  const of = (row: TableRow, group: Group): Differences =>
    Object.fromEntries(
      families.flatMap(([metric, family]) =>
        family
          .filter(([each]) => each.row === row && each.group === group)
          .map(([, difference]) => [metric, difference] as const),
      ),
    );
  return new Map(
    table.others.map((row) => [row, Object.fromEntries(groups.map((group) => [group.name, of(row, group)]))]),
  );
}

/** Compares every row except the base with the base, for each metric for which they share a case. */
export function differencesOf(table: Table): ReadonlyMap<TableRow, Differences> {
  const groups = byGroup(table, table.metrics, [{ name: 'all', classes: table.classes }]);
  return new Map([...groups].map(([row, differences]) => [row, differences['all'] ?? {}]));
}

/** The same for each of some classes or unions alone, which together are a family of their own. */
export function differencesByClass(
  table: Table,
  names: readonly string[],
): ReadonlyMap<TableRow, Readonly<Record<string, Differences>>> {
  const groups = names.map((name) => ({ name, classes: [name] }));
  return byGroup(table, table.metrics, groups);
}
