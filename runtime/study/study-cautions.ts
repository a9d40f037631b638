import { readCaseFacts, type CaseFacts } from '../data/case-facts.js';
import { refusal, type Caution } from '../data/cautions/caution.js';
import { allCautions, voxelCautions } from '../data/cautions/cautions.js';
import { trainingSubject, type TrainingSubject } from '../data/cautions/training-subject.js';
import type { Dataset } from '../data/types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Protocol } from '../../contract/protocol.js';
import type { StudyFold } from './folds.js';

/** A network of a study and one of its folds. */
export interface FoldSubject {
  readonly dataset: Dataset;
  readonly description: ModelDescription;
  readonly protocol: Pick<Protocol, 'identify' | 'normalize'>;
  readonly fold: StudyFold;
}

/** The input for cautions about a job: validation and test cases are both held out from its training. */
export function foldSubject(
  { fold, ...rest }: FoldSubject,
  cacheDirectory: string,
  facts?: ReadonlyMap<string, CaseFacts>,
): Promise<TrainingSubject> {
  const split = { train: fold.train, validation: [...fold.validation, ...fold.test] };
  return trainingSubject({ ...rest, split }, cacheDirectory, undefined, facts);
}

/**
 * Adapts cautions to a study: it scores the cases that it holds out, so a case that is also trained on makes its
 * results invalid.
 */
function asOfStudy(caution: Caution): Caution {
  if (caution.code !== 'UNET6033') return caution;
  return refusal('training-cases', caution.code, caution.message, caution.help, caution.cases);
}

/**
 * Returns reasons why the results of a network on a fold may mislead: all that headers and tables show, and what voxels
 * show of cases that have been decoded before.
 * @throws UserError as `trainingSubject`, and for a label file that cannot be read
 */
export async function foldCautions(
  subject: FoldSubject,
  cacheDirectory: string,
  facts?: ReadonlyMap<string, CaseFacts>,
): Promise<Caution[]> {
  const training = await foldSubject(subject, cacheDirectory, facts);
  const tested = training.applied.filter(({ id }) => subject.fold.test.includes(id));
  const scored = voxelCautions({ ...training, use: 'evaluate', training: [], applied: tested });
  return [...(await allCautions(training)), ...scored.filter(({ code }) => code === 'UNET6044')].map(asOfStudy);
}

/** Facts of cases by id, each read once for all networks and folds. */
export async function factsById(
  dataset: Dataset,
  ids: readonly string[],
  cacheDirectory: string,
): Promise<ReadonlyMap<string, CaseFacts>> {
  const facts = await readCaseFacts(dataset, ids, cacheDirectory);
  return new Map(facts.map((each) => [each.id, each]));
}
