import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_REPORT, showsCalibration } from '../../metrics/measures.js';
import { furtherPolicy } from '../../metrics/policy.js';
import { pooledCalibration } from '../../metrics/summarize.js';
import type { StudyEvidence } from '../evidence.js';
import type { SpreadCaution } from '../spread-cautions.js';
import { mean, median } from '../statistics/moments.js';
import { cautionsOf } from './cautions.js';
import { dataCautions, rowCautions } from './data-cautions.js';
import { conclusionOf } from './conclusion.js';
import { differencesByClass, differencesOf, type Differences } from './difference.js';
import { environmentOf } from './environment.js';
import { figuresOf, settle, type Figures } from './figure.js';
import { FURTHER_METHODS, METHODS } from './methods.js';
import type { ReportRow, StudyReport } from './report.js';
import { tabulate, type Table, type TableRow } from './table.js';

function meanOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : settle(mean(known));
}

function costsOf({ runs }: TableRow): ReportRow['costs'] {
  const outcomes = runs.map(({ evidence }) => evidence.outcome);
  if (outcomes.length === 0) return { steps: null, secondsPerStep: null, peakMemory: null };
  return {
    steps: Math.max(...outcomes.map(({ steps }) => steps)),
    secondsPerStep: settle(median(outcomes.map(({ secondsPerStep }) => secondsPerStep))),
    peakMemory: Math.max(...outcomes.map(({ peakMemory }) => peakMemory)),
  };
}

function runsOf({ jobs, runs }: TableRow): ReportRow['runs'] {
  const checksums = new Map(runs.map(({ evidence }) => [evidence.run, evidence.checksum]));
  return jobs.map(({ run, seed, fold }) => ({ run, seed, fold, scores: checksums.get(run) ?? null }));
}

function reportRow(
  evidence: StudyEvidence,
  table: Table,
  each: TableRow,
  figures: Figures,
  differences: Differences | undefined,
  extras: Pick<ReportRow, 'classDifferences' | 'regionDifferences'>,
  found: readonly SpreadCaution[],
): ReportRow {
  const { row, runs, unmatched } = each;
  const outcomes = runs.map(({ evidence }) => evidence.outcome);
  return {
    variant: row.name,
    kind: row.kind,
    change: row.change,
    params: row.params,
    macs: row.macs,
    runs: runsOf(each),
    metrics: figures,
    classes: Object.fromEntries(table.classes.map((name) => [name, figuresOf(table, each, [name])])),
    ...(table.regions.length > 0 && {
      regions: Object.fromEntries(table.regions.map((name) => [name, figuresOf(table, each, [name])])),
    }),
    ...(differences && { difference: differences }),
    ...extras,
    ...(showsCalibration(evidence.record.report) && {
      calibration: pooledCalibration(runs.map(({ evidence }) => evidence)),
    }),
    matched: unmatched === null,
    ...(unmatched && { unmatched }),
    inputs: row.inputs,
    ...(row.equal && { equal: row.equal }),
    selected: evidence.protocol.protocol.select.kind === 'last' ? 'last' : 'best validation score',
    costs: costsOf(each),
    ece: meanOrNull(outcomes.map(({ ece }) => ece)),
    eceForeground: meanOrNull(outcomes.map(({ eceForeground }) => eceForeground)),
    cautions: rowCautions(each, evidence, found),
    notes: row.notes,
    conclusion: conclusionOf(table, each, figures, differences),
  };
}

/**
 * Computes the table of a study from its evidence: means, differences, tests, and conclusions. Pure; the result does
 * not depend on the order of runs.
 * @throws RangeError for evidence that does not form a study (see `tabulate`)
 */
export function buildReport(evidence: StudyEvidence): StudyReport {
  const { record, protocol, jobs, runs } = evidence;
  const table = tabulate(evidence);
  const figures = new Map(table.rows.map((row) => [row, figuresOf(table, row, table.classes)]));
  const differences = differencesOf(table);
  const found = dataCautions(evidence);
  const isDefault = isDeepStrictEqual(record.report, DEFAULT_REPORT);
  const byClass = isDefault ? undefined : differencesByClass(table, table.classes);
  const byRegion = table.regions.length === 0 ? undefined : differencesByClass(table, table.regions);
  const extrasOf = (row: TableRow): Pick<ReportRow, 'classDifferences' | 'regionDifferences'> => {
    const [classes, regions] = [byClass?.get(row), byRegion?.get(row)];
    return { ...(classes && { classDifferences: classes }), ...(regions && { regionDifferences: regions }) };
  };
  return {
    format: 5,
    study: {
      name: record.name,
      base: record.base,
      seeds: record.seeds,
      folds: record.folds,
      cases: table.cases,
      classes: table.classes,
      ...(table.regions.length > 0 && { regions: table.regions }),
      jobs: { total: jobs.length, done: runs.length },
    },
    protocol: { digest: record.digest, ...protocol },
    environment: environmentOf(evidence),
    cautions: [
      ...cautionsOf({ evidence, table, figures, differences }),
      ...found.filter(({ isGeneral }) => isGeneral).map(({ text }) => text),
    ],
    methods: { ...METHODS, ...(isDefault ? {} : FURTHER_METHODS), ...furtherPolicy(record.report) },
    rows: table.rows.map((row) =>
      reportRow(evidence, table, row, figures.get(row) ?? {}, differences.get(row), extrasOf(row), found),
    ),
  };
}
