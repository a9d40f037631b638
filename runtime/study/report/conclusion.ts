import { LEVEL } from '../statistics/detectable.js';
import { cannotShow, testedRows, type Differences } from './difference.js';
import type { Figures } from './figure.js';
import { pairedDifferences } from './paired.js';
import type { Difference, Interval } from './report.js';
import { foundNothing, isComplete, runsWithoutLearning, type Table, type TableRow } from './table.js';
import { amount, listed, nothingShows, probability, range, size } from './number-text.js';
import { counted } from '../../../text/count.js';

/** The larger of both tests' p-values after Holm correction; null if neither was performed. */
function holmP({ pHolm }: Difference): number | null {
  const known = [pHolm.wilcoxon, pHolm.permutation].filter((p) => p !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function holdsZero([low, high]: Interval): boolean {
  return low <= 0 && high >= 0;
}

function subject(difference: Difference): string {
  const p = holmP(difference);
  const interval = difference.ci === null ? 'no interval' : `95 % interval ${range(difference.ci)}`;
  const evidence = [interval, ...(p === null ? [] : [`Holm p ${probability(p)}`])].join('; ');
  return `Dice ${amount(difference.mean)} than the base's (${evidence})`;
}

/** Seeds whose own mean difference is 0 or has the opposite sign. */
function seedsAgainst(mean: number, table: Table, row: TableRow): string[] {
  const { seeds } = pairedDifferences(table, row, 'dice');
  return table.seeds.filter((_, index) => (seeds[index] ?? 0) * mean <= 0).map((seed) => `seed ${seed}`);
}

/**
 * The conclusion from the cases. Variation between trainings is separate: if seeds disagree, nothing is shown about an
 * architecture.
 */
function shown({ mean, n }: Difference, table: Table, row: TableRow): string {
  const cases = counted(n, 'case');
  if (table.seeds.length === 1) return `shown on these ${cases} for one seed; another seed could reverse it`;
  const against = seedsAgainst(mean, table, row);
  if (against.length > 0)
    return `not shown, because the seeds disagree (${listed(against)} ${against.length === 1 ? 'does' : 'do'} not have this sign)`;
  return `shown on these ${cases}, with the same sign in each of ${table.seeds.length} seeds`;
}

function verdict(difference: Difference, table: Table, row: TableRow): string {
  const { ci, n, detectable } = difference;
  const p = holmP(difference);
  if (p === null) return 'not tested';
  if (cannotShow(difference))
    return `not distinguishable from the base, because ${nothingShows(n, testedRows(table).length)}`;
  if (ci !== null && !holdsZero(ci) && p < LEVEL) return shown(difference, table, row);
  if (ci === null || !holdsZero(ci)) return `not shown, with ${counted(n, 'case')}`;
  const blind = `if differences are normally distributed, a true difference below ${size(detectable ?? 0)} would be found with a probability of less than about 80 %`;
  return `not distinguishable from the base${detectable === null ? '' : `; ${blind}`}`;
}

function done({ runs, jobs }: TableRow): string {
  return `${runs.length} of ${jobs.length}`;
}

function compared(difference: Difference, table: Table, row: TableRow): string {
  const { base } = table;
  const same = `Dice equal to the base's in ${difference.n === 1 ? 'the one case' : `each of ${difference.n} cases`}`;
  const isSame = pairedDifferences(table, row, 'dice').differences.every((each) => each === 0);
  const figures = isSame ? same : subject(difference);
  const alike = foundNothing(row)
    ? `${same}, 0: neither network found anything`
    : `${same}: the two are not distinguishable`;
  const foreign = row.unmatched ?? base.unmatched;
  if (foreign !== null)
    return `${figures}: not tested, because ${row.unmatched ? 'it' : 'the base'} is unmatched (${foreign.reason})`;
  if (!isComplete(row) || !isComplete(base))
    return `Preliminary, with ${done(row)} jobs done (base ${done(base)}): ${figures}`;
  if (isSame) return alike;
  return `${figures}: ${failedTrainings(base, row) ?? verdict(difference, table, row)}`;
}

/** Why a difference is not one between architectures: runs of either side learned nothing. */
function failedTrainings(base: TableRow, row: TableRow): string | undefined {
  const failed = [
    { name: 'its', of: row },
    { name: "the base's", of: base },
  ].flatMap(({ name, of }) => {
    const { length } = runsWithoutLearning(of);
    return length === 0 ? [] : [`${length} of ${name} ${counted(of.runs.length, 'run')}`];
  });
  return failed.length === 0 ? undefined : `not shown, because ${listed(failed)} learned nothing`;
}

function baseConclusion(table: Table, { dice }: Figures): string {
  if (dice === undefined) return 'No Dice yet';
  const interval = dice.ci === null ? 'no interval' : `95 % interval ${size(dice.ci[0])} to ${size(dice.ci[1])}`;
  const extent = `${counted(dice.n, 'case')}, ${counted(dice.seeds.filter((seed) => seed !== null).length, 'seed')}`;
  const state = isComplete(table.base) ? '' : `Preliminary, with ${done(table.base)} jobs done: `;
  return `${state}Dice ${size(dice.mean)} (${interval}; ${extent}): the other rows are compared with it`;
}

/** The conclusion about a row's Dice, in one sentence with its values. */
export function conclusionOf(table: Table, row: TableRow, figures: Figures, differences?: Differences): string {
  if (row.runs.length === 0) return 'None of its jobs has finished.';
  if (row === table.base) return `${baseConclusion(table, figures)}.`;
  const difference = differences?.dice;
  if (difference === undefined) return 'No case has a Dice from both it and the base yet.';
  return `${compared(difference, table, row)}.`;
}
