import { foldCount, splitCases } from '../data/split.js';
import type { Protocol } from '../../contract/protocol.js';
import type { StudyProtocol } from './study-record.js';

/** The cases of a fold, by their use. */
export type StudyFold = StudyProtocol['folds'][number];

/**
 * A fold of a study, whose cases are the test cases. If the protocol selects on validation, the next fold's cases are
 * used for that and never trained on, so that no result in the table was selected by its own cases.
 * @param ids the labelled cases
 */
export function studyFold(
  ids: readonly string[],
  { split, select }: Pick<Protocol, 'split' | 'select'>,
  fold: number,
): StudyFold {
  const { train, validation: test } = splitCases(ids, split, fold);
  if (select.kind === 'last') return { fold, train: [...train], validation: [], test: [...test] };
  const next = new Set(splitCases(ids, split, (fold + 1) % foldCount(split)).validation);
  return {
    fold,
    train: train.filter((id) => !next.has(id)),
    validation: train.filter((id) => next.has(id)),
    test: [...test],
  };
}
