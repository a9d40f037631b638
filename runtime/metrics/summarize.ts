import type { Caution } from '../data/cautions/caution.js';
import { emptyBins, expectedCalibrationError, mergeBins, type Calibration } from './calibration.js';
import type { CaseEvaluation, MetricRow } from './evaluate.js';
import { METRIC_POLICY, type MetricPolicy } from './policy.js';
import { SCORE_NAMES, type Scores } from './scores.js';

/** The number of rows with a value in each mean, and the total number of rows. */
export type Denominators = Readonly<Record<keyof Scores, number>> & { readonly rows: number };

/** What `unet evaluate --format json` prints. */
export interface EvaluationReport {
  readonly run: string;
  readonly policy: MetricPolicy;
  readonly cases: readonly MetricRow[];
  /** Over all rows and, in `classes`, by class; null if no row has a value. */
  readonly mean: Scores & { readonly classes: Readonly<Record<string, Scores>> };
  readonly denominators: Denominators & { readonly classes: Readonly<Record<string, Denominators>> };
  /** Names of the confusion's rows and columns. */
  readonly classes: readonly string[];
  /** Voxels of all cases, [truth][prediction]. */
  readonly confusion: readonly (readonly number[])[];
  /** Null if no case had probabilities. */
  readonly ece: number | null;
  readonly ece_foreground: number | null;
  /** Reasons why the scores may mislead. */
  readonly cautions: readonly Caution[];
}

function valuesOf(rows: readonly MetricRow[], score: keyof Scores): number[] {
  return rows.map((row) => row[score]).filter((value) => value !== null);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanOf(rows: readonly MetricRow[]): Scores {
  const of = (score: keyof Scores): number | null => mean(valuesOf(rows, score));
  return {
    dice: of('dice'),
    iou: of('iou'),
    sensitivity: of('sensitivity'),
    specificity: of('specificity'),
    precision: of('precision'),
    hd95: of('hd95'),
  };
}

function denominatorsOf(rows: readonly MetricRow[]): Denominators {
  const entries = SCORE_NAMES.map((score) => [score, valuesOf(rows, score).length]);
  return { ...(Object.fromEntries(entries) as Record<keyof Scores, number>), rows: rows.length };
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

function pooledError(evaluations: readonly CaseEvaluation[], over: keyof Calibration): number | null {
  const bins = emptyBins();
  for (const { calibration } of evaluations) if (calibration) mergeBins(bins, calibration[over]);
  return expectedCalibrationError(bins);
}

/**
 * The report on some cases, all of one output, in the given order.
 * @param run the run folder, as given by the user
 */
export function summarize(
  run: string,
  evaluations: readonly CaseEvaluation[],
  cautions: readonly Caution[] = [],
): EvaluationReport {
  const cases = evaluations.flatMap(({ rows }) => rows);
  return {
    run,
    policy: METRIC_POLICY,
    cases,
    mean: { ...meanOf(cases), classes: byClass(cases, meanOf) },
    denominators: { ...denominatorsOf(cases), classes: byClass(cases, denominatorsOf) },
    classes: evaluations[0]?.classes ?? [],
    confusion: sumConfusion(evaluations),
    ece: pooledError(evaluations, 'all'),
    ece_foreground: pooledError(evaluations, 'foreground'),
    cautions,
  };
}
