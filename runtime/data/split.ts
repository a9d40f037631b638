import { UserError } from '../errors/user-error.js';
import type { SplitProtocol } from '../../contract/protocol.js';
import { type Random, randomStream } from '../random/random-stream.js';
import { didYouMean, listNames } from './names.js';
import type { Split } from './types.js';
import { counted } from '../../text/count.js';

/** A shuffled copy (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

function impossible(message: string, help: string): UserError {
  return new UserError('UNET6017', message, help);
}

/** The number of folds of a split: those of `kfold`, or 1. */
export function foldCount(split: SplitProtocol): number {
  return split.kind === 'kfold' ? split.folds : 1;
}

function checkFold(fold: number, folds: number): void {
  if (Number.isInteger(fold) && fold >= 0 && fold < folds) return;
  throw impossible(
    `Fold ${fold} does not exist.`,
    folds === 1 ? 'A split of named cases has only fold 0.' : `Folds are numbered 0 to ${folds - 1}.`,
  );
}

function kfold(ids: readonly string[], folds: number, seed: number, fold: number): Split {
  if (folds > ids.length) {
    throw impossible(
      `${counted(ids.length, 'labelled case')} cannot be split into ${counted(folds, 'fold')}.`,
      `Use at most ${counted(ids.length, 'fold')}, or list the cases of the split by name.`,
    );
  }
  const order = shuffled(ids, randomStream(seed, 'kfold'));
  const held = new Set(order.filter((_, position) => position % folds === fold));
  return { train: ids.filter((id) => !held.has(id)), validation: ids.filter((id) => held.has(id)) };
}

function checkNamed(named: readonly string[], ids: readonly string[]): void {
  for (const id of named) {
    if (ids.includes(id)) continue;
    throw impossible(
      `The split contains the case \`${id}\`, which is not a labelled case.`,
      didYouMean(id, ids, `The labelled cases are ${listNames(ids.slice(0, 8))}${ids.length > 8 ? ', ...' : ''}.`),
    );
  }
}

function namedSplit(ids: readonly string[], train: readonly string[], validation: readonly string[]): Split {
  checkNamed([...train, ...validation], ids);
  const both = train.filter((id) => validation.includes(id));
  if (both.length > 0) {
    throw impossible(
      `The split contains ${listNames(both)} in both training and validation.`,
      'Keep each case in only one of them.',
    );
  }
  if (train.length === 0) throw impossible('The split has no training cases.', 'Give at least one training case.');
  return { train: [...new Set(train)].sort(), validation: [...new Set(validation)].sort() };
}

/**
 * The cases of a fold. `kfold` shuffles the sorted ids by its own seed and deals them out, so that folds differ by at
 * most one case, every case is validated once, and the seed of a run does not change the split; `cases` takes the named
 * ones.
 * @param ids the labelled cases, in any order
 * @param fold from 0
 * @throws UserError UNET6017
 */
export function splitCases(ids: readonly string[], split: SplitProtocol, fold = 0): Split {
  const sorted = [...ids].sort();
  checkFold(fold, foldCount(split));
  return split.kind === 'kfold'
    ? kfold(sorted, split.folds, split.seed, fold)
    : namedSplit(sorted, split.train, split.validation);
}
