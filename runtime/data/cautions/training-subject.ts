import type { ModelDescription } from '../../../contract/model-description.js';
import type { Protocol } from '../../../contract/protocol.js';
import { readCaseFacts, type CaseFacts } from '../case-facts.js';
import { identifyCases } from '../identify.js';
import { matchInputs } from '../match.js';
import { recordIdentifiers, recordTrainingData, type TrainingData } from '../training-data.js';
import type { Dataset, Split } from '../types.js';
import type { CautionSubject } from './subject.js';

/** A training that has not started. */
export interface TrainingPlan {
  readonly dataset: Dataset;
  readonly description: ModelDescription;
  readonly protocol: Pick<Protocol, 'identify' | 'normalize'>;
  /** `validation` contains all cases that are held out, including a study's test cases. */
  readonly split: Split;
}

/** A training with the data that its run records. */
export interface TrainingSubject extends CautionSubject {
  readonly use: 'train';
  readonly trainedOn: TrainingData;
}

/**
 * The input for cautions before a network is trained, and the data that its run records (`trainedOn`, `identifiers`).
 * @param cacheDirectory folder of prepared cases
 * @param known facts of cases, by id, that were read earlier
 * @throws UserError as `matchInputs`, `identifyCases` and `readCaseFacts`
 */
export async function trainingSubject(
  { dataset, description, protocol, split }: TrainingPlan,
  cacheDirectory: string,
  onProgress?: (done: number, of: number, id: string) => void,
  known: ReadonlyMap<string, CaseFacts> = new Map(),
): Promise<TrainingSubject> {
  const matching = matchInputs(dataset, description);
  const identification = identifyCases(dataset, description, protocol.identify);
  const ids = [...split.train, ...split.validation];
  const unread = ids.filter((id) => !known.has(id));
  const read = await readCaseFacts(dataset, unread, cacheDirectory, onProgress);
  const factsOf = new Map([...known, ...read.map((each) => [each.id, each] as const)]);
  const training = split.train.map((id) => factsOf.get(id)!);
  const applied = split.validation.map((id) => factsOf.get(id)!);
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
