import { readCaseFacts, type CaseFacts } from '../data/case-facts.js';
import type { CautionSubject } from '../data/cautions/cautions.js';
import type { Dataset } from '../data/types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { matchRun, type RunMatch } from './match-run.js';
import type { Run } from './run-folder.js';

/** The purpose that a run is used for, and the ids of the cases. */
export interface RunUse {
  readonly use: CautionSubject['use'];
  readonly dataset: Dataset;
  /** Cases used by a resumed training; empty for a network that is applied. */
  readonly train?: readonly string[];
  /** Cases held out, scored or segmented. */
  readonly applied: readonly string[];
}

/** A run and the cases that it is used for. */
export type RunSubject = CautionSubject & RunMatch;

/**
 * The input for cautions when a run is resumed or its network is applied to a data set, which may differ from the one
 * it was trained on.
 * @param cacheDirectory folder of prepared cases
 * @throws UserError as `matchRun` and `readCaseFacts`
 */
export async function runSubject(
  run: Pick<Run, 'info' | 'protocol'>,
  description: ModelDescription,
  { use, dataset, train = [], applied }: RunUse,
  cacheDirectory: string,
): Promise<RunSubject> {
  const facts = (ids: readonly string[]): Promise<CaseFacts[]> => readCaseFacts(dataset, ids, cacheDirectory);
  return {
    use,
    dataset,
    description,
    ...matchRun(run, description, dataset),
    normalize: run.protocol.normalize,
    trainedOn: run.info.data,
    identifiers: run.info.identifiers,
    training: await facts(train),
    applied: await facts(applied),
  };
}
