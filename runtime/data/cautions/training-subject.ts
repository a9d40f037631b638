import type { ModelDescription } from '../../description.js';
import type { Protocol } from '../../protocol.js';
import { readCaseFacts } from '../case-facts.js';
import { identifyCases } from '../identify.js';
import { matchInputs } from '../match.js';
import { recordIdentifiers, recordTrainingData, type TrainingData } from '../training-data.js';
import type { Dataset, Split } from '../types.js';
import type { CautionSubject } from './subject.js';

/** A training that has not begun. */
export interface TrainingPlan {
  readonly dataset: Dataset;
  readonly description: ModelDescription;
  readonly protocol: Pick<Protocol, 'identify' | 'normalize'>;
  /** `validation` holds all cases that are held out, a study's test cases among them. */
  readonly split: Split;
}

/** A training with the data that its run records. */
export interface TrainingSubject extends CautionSubject {
  readonly use: 'train';
  readonly trainedOn: TrainingData;
}

/**
 * What cautions are drawn from before a network is trained, and what its run records (`trainedOn`, `identifiers`).
 * @param cacheDirectory folder of prepared cases
 * @throws UserError as `matchInputs`, `identifyCases` and `readCaseFacts`
 */
export async function trainingSubject(
  { dataset, description, protocol, split }: TrainingPlan,
  cacheDirectory: string,
  onProgress?: (done: number, of: number, id: string) => void,
): Promise<TrainingSubject> {
  const matching = matchInputs(dataset, description);
  const identification = identifyCases(dataset, description, protocol.identify);
  const facts = await readCaseFacts(dataset, [...split.train, ...split.validation], cacheDirectory, onProgress);
  const [training, applied] = [facts.slice(0, split.train.length), facts.slice(split.train.length)];
  return {
    use: 'train',
    dataset,
    description,
    matching,
    identification,
    normalize: protocol.normalize,
    trainedOn: recordTrainingData(dataset, training, applied),
    identifiers: recordIdentifiers(identification, split.train),
    training,
    applied,
  };
}
