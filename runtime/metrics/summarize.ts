import { isDeepStrictEqual } from 'node:util';
import type { ReportProtocol } from '../../contract/protocol.js';
import type { Caution } from '../data/cautions/caution.js';
import { emptyBins, expectedCalibrationError, mergeBins, type Calibration } from './calibration.js';
import type { CaseEvaluation, MetricRow } from './evaluate.js';
import { DEFAULT_REPORT, showsCalibration } from './measures.js';
import { furtherPolicy, METRIC_POLICY, type MetricPolicy } from './policy.js';
import { SCORE_NAMES, type Scores } from './scores.js';

/** The number of rows with a value in each mean, and the total number of rows. */
export type Denominators = Readonly<Record<keyof Scores, number>> & {
  readonly rows: number;
  readonly further?: Readonly<Record<string, number>>;
};

/** Means of scores; `further` are those that the report adds. */
export type Means = Scores & { readonly further?: Readonly<Record<string, number | null>> };

/** What `unet evaluate --format json` prints. */
export interface EvaluationReport {
  readonly run: string;
  readonly policy: MetricPolicy & Readonly<Record<string, unknown>>;
  /** The protocol's `report`, which chooses what is shown; absent if it is the default. */
  readonly report?: ReportProtocol;
  readonly cases: readonly MetricRow[];
  /** Over all rows and, in `classes`, by class; null if no row has a value. */
  readonly mean: Means & { readonly classes: Readonly<Record<string, Means>> };
  readonly denominators: Denominators & { readonly classes: Readonly<Record<string, Denominators>> };
  /** The same for unions of classes, which are not part of the means above; absent if the report names none. */
  readonly regions?: {
    readonly cases: readonly MetricRow[];
    readonly mean: Readonly<Record<string, Means>>;
    readonly denominators: Readonly<Record<string, Denominators>>;
  };
  /** Names of the confusion's rows and columns. */
  readonly classes: readonly string[];
  /** Voxels of all cases, [truth][prediction]. */
  readonly confusion: readonly (readonly number[])[];
  /** Null if no case had probabilities. */
  readonly ece: number | null;
  readonly ece_foreground: number | null;
  /** The bins of the reliability diagram; absent unless the report asks for calibration. */
  readonly calibration?: Calibration;
  /** Reasons why the scores may mislead. */
  readonly cautions: readonly Caution[];
}

function valuesOf(rows: readonly MetricRow[], score: keyof Scores): number[] {
  return rows.map((row) => row[score]).filter((value) => value !== null);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The rows' further scores, each summarised; undefined if there are none. */
function furtherOf<T>(
  rows: readonly MetricRow[],
  summary: (values: readonly number[]) => T,
): { readonly further?: Readonly<Record<string, T>> } {
  const ids = [...new Set(rows.flatMap(({ further = {} }) => Object.keys(further)))];
  if (ids.length === 0) return {};
  const valuesOf = (id: string): number[] =>
    rows.map(({ further }) => further?.[id] ?? null).filter((value) => value !== null);
  return { further: Object.fromEntries(ids.map((id) => [id, summary(valuesOf(id))])) };
}

function meanOf(rows: readonly MetricRow[]): Means {
  const of = (score: keyof Scores): number | null => mean(valuesOf(rows, score));
  return {
    dice: of('dice'),
    iou: of('iou'),
    sensitivity: of('sensitivity'),
    specificity: of('specificity'),
    precision: of('precision'),
    hd95: of('hd95'),
    ...furtherOf(rows, mean),
  };
}

function denominatorsOf(rows: readonly MetricRow[]): Denominators {
  const entries = SCORE_NAMES.map((score) => [score, valuesOf(rows, score).length]);
  const further = furtherOf(rows, ({ length }) => length);
  return { ...(Object.fromEntries(entries) as Record<keyof Scores, number>), rows: rows.length, ...further };
}

function byClass<T>(rows: readonly MetricRow[], summary: (rows: readonly MetricRow[]) => T): Record<string, T> {
  const names = [...new Set(rows.map((row) => row.class))];
  return Object.fromEntries(names.map((name) => [name, summary(rows.filter((row) => row.class === name))]));
}

function sumConfusion(evaluations: readonly CaseEvaluation[]): number[][] {
  const size = evaluations[0]?.classes.length ?? 0;
  const sum = (row: number, column: number): number =>
    evaluations.reduce((total, { confusion }) => total + (confusion[row]?.[column] ?? 0), 0);
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => sum(row, column)));
}

/** The bins of all cases that had probabilities. */
export function pooledCalibration(evaluations: readonly Pick<CaseEvaluation, 'calibration'>[]): Calibration {
  const pooled = { all: emptyBins(), foreground: emptyBins() };
  for (const { calibration } of evaluations) {
    if (!calibration) continue;
    mergeBins(pooled.all, calibration.all);
    mergeBins(pooled.foreground, calibration.foreground);
  }
  return pooled;
}

/**
 * The report on some cases, all of one output, in the given order.
 * @param run the run folder, as given by the user
 */
export function summarize(
  run: string,
  evaluations: readonly CaseEvaluation[],
  cautions: readonly Caution[] = [],
  report: ReportProtocol = DEFAULT_REPORT,
): EvaluationReport {
  const cases = evaluations.flatMap(({ rows }) => rows);
  const regions = evaluations.flatMap((each) => each.regions);
  const calibration = pooledCalibration(evaluations);
  return {
    run,
    policy: { ...METRIC_POLICY, ...furtherPolicy(report) },
    ...(isDeepStrictEqual(report, DEFAULT_REPORT) ? {} : { report }),
    cases,
    mean: { ...meanOf(cases), classes: byClass(cases, meanOf) },
    denominators: { ...denominatorsOf(cases), classes: byClass(cases, denominatorsOf) },
    ...(regions.length > 0 && {
      regions: { cases: regions, mean: byClass(regions, meanOf), denominators: byClass(regions, denominatorsOf) },
    }),
    classes: evaluations[0]?.classes ?? [],
    confusion: sumConfusion(evaluations),
    ece: expectedCalibrationError(calibration.all),
    ece_foreground: expectedCalibrationError(calibration.foreground),
    ...(showsCalibration(report) && { calibration }),
    cautions,
  };
}
