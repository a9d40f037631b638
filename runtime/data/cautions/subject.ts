import type { ModelDescription } from '../../../contract/model-description.js';
import type { Normalization } from '../../../contract/protocol.js';
import type { CaseFacts } from '../case-facts.js';
import type { TrainedIdentifiers, TrainingData } from '../training-data.js';
import type { Dataset, Identification, Matching } from '../types.js';

/** What cautions are drawn from: a network, what it was trained on, and the cases it is trained on or applied to. */
export interface CautionSubject {
  /** `train`: cases are held out from a training; the others: a trained network scores or segments them. */
  readonly use: 'train' | 'evaluate' | 'predict';
  readonly dataset: Dataset;
  readonly description: ModelDescription;
  readonly matching: Matching;
  readonly identification: Identification;
  readonly normalize: Normalization;
  /** As the run records it, or as it will (`recordTrainingData`); null if it is not known. */
  readonly trainedOn: TrainingData | null;
  /** As the run records them, or as it will (`recordIdentifiers`). */
  readonly identifiers: TrainedIdentifiers;
  /** Cases to train on; empty for a network that is trained already. */
  readonly training: readonly CaseFacts[];
  /** Cases held out, scored or segmented. */
  readonly applied: readonly CaseFacts[];
}

/** What is done with `applied`, as a participle of a message: `scored`. */
export function verbOf({ use }: CautionSubject): string {
  return { train: 'held out', evaluate: 'scored', predict: 'segmented' }[use];
}

/** Every case of a subject. */
export function allFacts({ training, applied }: CautionSubject): readonly CaseFacts[] {
  return [...training, ...applied];
}
