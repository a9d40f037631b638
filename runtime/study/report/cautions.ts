import path from 'node:path';
import type { StudyEvidence } from '../evidence.js';
import { bestPossible } from '../statistics/best-possible.js';
import { bootstrapCoverage } from '../statistics/detectable.js';
import { testedRows, type Differences } from './difference.js';
import type { Figures } from './figure.js';
import { pairedDifferences } from './paired.js';
import { isComplete, type Table, type TableRow } from './table.js';
import { remedyText, seedsText, smallestText } from './prospect-text.js';
import { listed, size } from './number-text.js';
import { counted } from '../../../text/count.js';

interface Findings {
  readonly evidence: StudyEvidence;
  readonly table: Table;
  readonly figures: ReadonlyMap<TableRow, Figures>;
  readonly differences: ReadonlyMap<TableRow, Differences>;
}

/** Below this coverage, nominal 95 % intervals are reported as too narrow. */
const LEAST_COVERAGE = 0.93;

function incomplete({ table: { rows } }: Findings): string[] {
  const open = rows.filter((row) => !isComplete(row));
  if (open.length === 0) return [];
  const all = rows.flatMap(({ jobs }) => jobs).length;
  const done = rows.flatMap(({ runs }) => runs).length;
  const states = open.map(({ row, runs, jobs }) => `${row.name} ${runs.length} of ${jobs.length}`);
  return [
    `Incomplete: ${done} of ${counted(all, 'job')} done (${states.join(', ')}). All figures in these rows may still change.`,
  ];
}

/** The number of test cases in a comparison: the most that any tested row shares with the base. */
function pairedCases({ table, differences }: Findings): number {
  const known = testedRows(table).map((row) => differences.get(row)?.dice?.n ?? 0);
  const most = Math.max(0, ...known);
  return most === 0 ? table.cases.length : most;
}

function fewCases(findings: Findings): string[] {
  const { table } = findings;
  const family = testedRows(table).length;
  if (family === 0) return [];
  const best = bestPossible({ cases: pairedCases(findings), comparisons: family, seeds: table.seeds.length });
  if (best.canShow) return [];
  return [
    `No difference can be significant at the 5 % level, whatever its size: ${smallestText(best)}. ${remedyText(best)}`,
  ];
}

function narrowIntervals(findings: Findings): string[] {
  const n = pairedCases(findings);
  if (n < 3) return [`No interval can be computed from ${counted(n, 'case')}.`];
  const share = bootstrapCoverage(n);
  if (share >= LEAST_COVERAGE) return [];
  return [
    `Intervals over ${counted(n, 'case')} are too narrow: if cases were normally distributed, about ${Math.round(100 * share)} % of them, not 95 %, would contain the true mean.`,
  ];
}

/** Largest difference between the means of two seeds that have all their folds. */
function seedSpread({ seeds }: Table, { jobs, runs }: TableRow, { dice }: Figures): number {
  const whole = (seed: number): boolean =>
    jobs.filter((job) => job.seed === seed).length === runs.filter(({ evidence }) => evidence.seed === seed).length;
  const means = seeds.flatMap((seed, index) => (whole(seed) ? (dice?.seeds[index] ?? []) : []));
  return means.length < 2 ? 0 : Math.max(...means) - Math.min(...means);
}

function seedsMatter({ table, figures }: Findings): string[] {
  const { length } = table.seeds;
  if (length === 1) return [seedsText(1)];
  const spreads = table.rows.map((row) => ({
    name: row.row.name,
    spread: seedSpread(table, row, figures.get(row) ?? {}),
  }));
  const most = spreads.reduce((a, b) => (b.spread > a.spread ? b : a));
  const moved =
    most.spread === 0
      ? ''
      : ` The largest spread between two seeds is that of ${most.name}, whose mean Dice differs by ${size(most.spread)}.`;
  return [`Intervals and tests are over cases, not over training runs.${moved} ${seedsText(length)}`];
}

function unmatched({ table: { rows } }: Findings): string[] {
  return rows.flatMap(({ row, unmatched: foreign }) =>
    foreign === null
      ? []
      : [
          `${row.name} is unmatched (${foreign.reason}): it differs from the other rows in more than its architecture and is not tested.`,
        ],
  );
}

function otherInputs({ table: { rows } }: Findings): string[] {
  const found = rows.filter(({ row }) => row.inputs.length > 0);
  if (found.length === 0) return [];
  const parts = found.map(({ row }) => `${row.name} (${row.inputs.join(', ')})`);
  return [
    `Not all networks see the same data as the base: ${parts.join('; ')}. Their differences are not due to the architecture alone.`,
  ];
}

function selection({ evidence: { protocol } }: Findings): string[] {
  if (protocol.protocol.select.kind === 'last') return [];
  return ['The weights are those with the best validation score; validation cases are not test cases.'];
}

/**
 * Whether the data set differs from the one in the protocol, identified by the name in its `dataset.json` or of its
 * folder.
 */
function otherData({ evidence: { protocol, record } }: Findings): string[] {
  const wanted = protocol.protocol.data?.name;
  const { name } = protocol.data;
  if (wanted === undefined || [name, path.basename(record.data)].includes(wanted)) return [];
  return [`The protocol is for the data set ${wanted}, but these figures are from ${name}.`];
}

function identifiers({ evidence: { protocol } }: Findings): string[] {
  return protocol.protocol.identify
    .filter(({ source }) => source.kind === 'hash_case')
    .map(
      ({ input }) =>
        `Identifier ${input} is a hash of the case name and carries no information about the case: any gain from it is not knowledge of a site or scanner.`,
    );
}

/** The number of rows whose HD95 is the image's diagonal, and of all rows with an HD95. */
function diagonals({ runs }: TableRow): { readonly missed: number; readonly all: number } {
  const rows = runs.flatMap(({ evidence }) => evidence.scores).filter(({ hd95 }) => hd95 !== null);
  return { missed: rows.filter(({ tp, fp, fn }) => tp + fp === 0 || tp + fn === 0).length, all: rows.length };
}

function missedLesions({ table: { rows } }: Findings): string[] {
  const found = rows.map((row) => ({ name: row.row.name, ...diagonals(row) })).filter(({ missed }) => missed > 0);
  if (found.length === 0) return [];
  const parts = found.map(({ name, missed, all }) => `${name} ${missed} of ${all}`);
  return [
    `The mean HD95 includes the diagonal of the image for classes that were missed or falsely detected; affected scores (per case, class and seed): ${parts.join(', ')}.`,
  ];
}

function unpaired({ table }: Findings): string[] {
  const found = table.others
    .filter((row) => isComplete(row) && isComplete(table.base))
    .map((row) => ({ name: row.row.name, cases: pairedDifferences(table, row, 'dice').unpaired }))
    .filter(({ cases }) => cases > 0);
  if (found.length === 0) return [];
  const parts = found.map(({ name, cases }) => `${name} (${counted(cases, 'case')})`);
  return [
    `Cases with a Dice score for only the row or only the base count towards its mean but not towards the difference: ${listed(parts)}.`,
  ];
}

/** The limitations of these results, one sentence each, the most serious first. */
export function cautionsOf(findings: Findings): string[] {
  const parts = [
    incomplete,
    fewCases,
    seedsMatter,
    narrowIntervals,
    unmatched,
    otherInputs,
    otherData,
    selection,
    identifiers,
    missedLesions,
    unpaired,
  ];
  return parts.flatMap((part) => part(findings));
}
