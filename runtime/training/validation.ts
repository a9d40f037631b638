import type { OverlapRow } from '../metrics/evaluate.js';
import type { ValidationScore } from './events.js';

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * Validation Dice: for each foreground label the mean over the cases in which it is defined (`METRIC_POLICY`: a label
 * absent from both truth and prediction is ignored, never counted as 1), then the mean of these means.
 * @param rows `evaluateOverlap` of all cases together
 */
export function validationScore(rows: readonly OverlapRow[]): ValidationScore {
  const names = [...new Set(rows.map((row) => row.class))];
  const means = names.map((name) => mean(rows.filter((row) => row.class === name).map(({ dice }) => dice)));
  return { dice: Object.fromEntries(names.map((name, index) => [name, means[index]!])), mean: mean(means) };
}
