import { loadCase } from '../runtime/data/load-case.js';
import type { Dataset, Identification, Matching } from '../runtime/data/types.js';
import { evaluateOverlap } from '../runtime/metrics/evaluate.js';
import type { Run } from '../runtime/run/run-folder.js';
import type { ValidationScore } from '../runtime/training/events.js';
import type { TrainableNetwork } from '../runtime/training/network.js';
import { casePredictor, identifiersOf, predictCase } from './predict-case.js';

/** What a validation looks at. */
export interface ValidationPlace {
  readonly run: Run;
  readonly network: TrainableNetwork;
  readonly dataset: Dataset;
  readonly matching: Matching;
  readonly identification: Identification;
  readonly cacheDirectory: string;
}

/**
 * Dice by class over the run's validation cases, each a whole volume by sliding window; undefined where the signal ended
 * it. A class's figure is the mean over the cases that decide it.
 */
export function validator(
  place: ValidationPlace,
): (signal: AbortSignal | undefined) => Promise<ValidationScore | undefined> {
  const { run, network, dataset, matching, identification, cacheDirectory } = place;
  return async (signal) => {
    const predictor = casePredictor(run, network);
    const scores = new Map<string, number[]>();
    for (const id of run.split.validation) {
      if (signal?.aborted === true) return undefined;
      const loaded = await loadCase(dataset, id, matching, run.protocol.normalize, cacheDirectory);
      const predicted = await predictCase(run, network, predictor, loaded, identifiersOf(identification, id), {
        signal,
      }).catch((error: unknown) => {
        if (signal?.aborted === true) return undefined;
        throw error;
      });
      if (predicted === undefined) return undefined;
      const [first] = predicted;
      if (first === undefined || loaded.label === undefined) continue;
      for (const row of evaluateOverlap({
        case: id,
        prediction: first.labels,
        truth: loaded.label,
        output: first.output,
      })) {
        const values = scores.get(row.class) ?? [];
        scores.set(row.class, values);
        if (row.dice !== null) values.push(row.dice);
      }
    }
    const mean = (values: readonly number[]): number | null =>
      values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    const dice = Object.fromEntries([...scores].map(([name, values]) => [name, mean(values)]));
    const decided = Object.values(dice).filter((value) => value !== null);
    return { dice, mean: mean(decided) };
  };
}
