import { foldOf } from '../data/split.js';
import type { Split } from '../data/types.js';
import type { Protocol } from '../../contract/protocol.js';
import type { StudyProtocol } from './study-record.js';

/** The cases of a fold, by their use. */
export type StudyFold = StudyProtocol['folds'][number];

/**
 * A fold of a study, whose cases are the test cases. If the protocol selects on validation, the next fold's cases are
 * used for that and never trained on, so that no result in the table was selected by its own cases.
 * @param folds of the data set
 */
export function studyFold(folds: readonly Split[], select: Protocol['select'], fold: number): StudyFold {
  const { train, validation: test } = foldOf(folds, fold);
  if (select.kind === 'last') return { fold, train: [...train], validation: [], test: [...test] };
  const next = new Set(foldOf(folds, (fold + 1) % folds.length).validation);
  return {
    fold,
    train: train.filter((id) => !next.has(id)),
    validation: train.filter((id) => next.has(id)),
    test: [...test],
  };
}
