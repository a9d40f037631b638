import type { MetricRow } from '../metrics/evaluate.js';
import type { RunEvidence } from './evidence.js';
import { mean } from './statistics/moments.js';

type Scored = Pick<RunEvidence, 'scores'>;

function diceInRun({ scores }: Scored, id: string): number[] {
  const values = scores.flatMap((row) => (row.case === id && row.dice !== null ? [row.dice] : []));
  return values.length === 0 ? [] : [mean(values)];
}

/**
 * Dice of each case: the mean over its classes with a value, then over the runs that tested it. Cases without a value
 * are omitted.
 */
export function caseDice(runs: readonly Scored[]): ReadonlyMap<string, number> {
  const ids = new Set(runs.flatMap(({ scores }) => scores.map((row) => row.case)));
  const means = [...ids].map((id) => [id, runs.flatMap((run) => diceInRun(run, id))] as const);
  return new Map(means.filter(([, dice]) => dice.length > 0).map(([id, dice]) => [id, mean(dice)]));
}

/**
 * Dice of one run as the report computes it: per case the mean over classes, then over cases; null if no case has one.
 */
export function meanOverCases(scores: readonly MetricRow[]): number | null {
  const cases = [...caseDice([{ scores }]).values()];
  return cases.length === 0 ? null : mean(cases);
}
