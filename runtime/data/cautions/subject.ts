import type { ModelDescription } from '../../../contract/model-description.js';
import type { Protocol } from '../../../contract/protocol.js';
import type { CaseFacts } from '../case-facts.js';
import type { TrainedIdentifiers, TrainingData } from '../training-data.js';
import type { Dataset, Identification, Matching } from '../types.js';

/** The input for deriving cautions: a network, its training data, and the cases it is trained on or applied to. */
export interface CautionSubject {
  /** `train`: cases are held out from a training; otherwise a trained network scores or segments them. */
  readonly use: 'train' | 'evaluate' | 'predict';
  readonly dataset: Dataset;
  readonly description: ModelDescription;
  readonly matching: Matching;
  readonly identification: Identification;
  readonly normalize: Protocol['normalize'];
  /** As recorded by the run, now or later (`recordTrainingData`); null if unknown. */
  readonly trainedOn: TrainingData | null;
  /** As recorded by the run, now or later (`recordIdentifiers`). */
  readonly identifiers: TrainedIdentifiers;
  /** Cases to train on; empty for a trained network. */
  readonly training: readonly CaseFacts[];
  /** Cases held out, scored or segmented. */
  readonly applied: readonly CaseFacts[];
}

/** The participle for the use of `applied` in messages: `scored`. */
export function verbOf({ use }: CautionSubject): string {
  return { train: 'held out', evaluate: 'scored', predict: 'segmented' }[use];
}

/** All cases of a subject. */
export function allFacts({ training, applied }: CautionSubject): readonly CaseFacts[] {
  return [...training, ...applied];
}
