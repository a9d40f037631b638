import { z } from 'zod';
import type { SplitProtocol } from '../../contract/protocol.js';
import { counted } from '../../text/count.js';
import { UserError } from '../errors/user-error.js';
import { readTextFile } from '../files/read-file.js';
import { readJson } from '../files/read-json.js';
import { randomStream } from '../random/random-stream.js';
import { groupedFolds } from './grouped-folds.js';
import { inside } from './layouts/listing.js';
import { didYouMean, listNames } from './names.js';
import { cannotRead } from './place.js';
import { shuffled } from './shuffled.js';
import type { DataCase, Dataset, Split } from './types.js';

/** A labelled case with the columns by which cases may be grouped. */
export type SplitCase = Pick<DataCase, 'id' | 'columns'>;

type KFold = Extract<SplitProtocol, { kind: 'kfold' }>;
type SplitFile = Extract<SplitProtocol, { kind: 'file' }>;

function impossible(message: string, help: string): UserError {
  return new UserError('UNET6017', message, help);
}

/** The number of folds of a split. */
export function foldCount(split: SplitProtocol): number {
  return split.kind === 'cases' ? 1 : split.folds;
}

/**
 * The cases of a fold.
 * @param fold from 0
 * @throws UserError UNET6017 if it does not exist
 */
export function foldOf(folds: readonly Split[], fold: number): Split {
  const found = folds[fold];
  if (found !== undefined) return found;
  throw impossible(
    `Fold ${fold} does not exist.`,
    folds.length === 1 ? 'A split of named cases has only fold 0.' : `Folds are numbered 0 to ${folds.length - 1}.`,
  );
}

/** Every case's value of a column; a case without one gets `otherwise`, or is an error. */
function columnValues(cases: readonly SplitCase[], column: string, purpose: string, otherwise?: string): string[] {
  const columns = [...new Set(cases.flatMap((each) => Object.keys(each.columns)))];
  if (!columns.includes(column)) {
    const has = columns.length === 0 ? 'The data set has no columns.' : `Its columns are ${listNames(columns)}.`;
    throw impossible(
      `The split ${purpose} cases by the column \`${column}\`, which the data set does not have.`,
      didYouMean(column, columns, `${has} Columns are read from \`cases.csv\`, or from a CSV of paths.`),
    );
  }
  return cases.map(({ id, columns: own }) => {
    const value = own[column] ?? '';
    if (value !== '' || otherwise !== undefined) return value === '' ? otherwise! : value;
    throw impossible(
      `The split ${purpose} cases by the column \`${column}\`, but case \`${id}\` has no value in it.`,
      'Give every labelled case a value.',
    );
  });
}

/** The ids held out in each fold. */
function heldOut(cases: readonly SplitCase[], { folds, seed, group, stratify }: KFold): readonly (readonly string[])[] {
  if (group === null && stratify === null) {
    const order = shuffled(
      cases.map(({ id }) => id),
      randomStream(seed, 'kfold'),
    );
    return Array.from({ length: folds }, (_, fold) => order.filter((__, position) => position % folds === fold));
  }
  const groups = group === null ? cases.map(({ id }) => id) : columnValues(cases, group.name, 'groups');
  const strata = stratify === null ? cases.map(() => '') : columnValues(cases, stratify.name, 'stratifies', '');
  const number = new Set(groups).size;
  if (number < folds) {
    throw impossible(
      `${counted(number, 'group')} of cases cannot be split into ${counted(folds, 'fold')}.`,
      `Use at most ${counted(number, 'fold')}: a group is never divided.`,
    );
  }
  const foldCases = cases.map(({ id }, k) => ({ id, group: groups[k]!, stratum: strata[k]! }));
  return groupedFolds(foldCases, folds, seed);
}

function kfold(cases: readonly SplitCase[], split: KFold): Split[] {
  if (split.folds > cases.length) {
    throw impossible(
      `${counted(cases.length, 'labelled case')} cannot be split into ${counted(split.folds, 'fold')}.`,
      `Use at most ${counted(cases.length, 'fold')}, or list the cases of the split by name.`,
    );
  }
  const ids = cases.map(({ id }) => id);
  return heldOut(cases, split).map((fold) => {
    const held = new Set(fold);
    return { train: ids.filter((id) => !held.has(id)), validation: ids.filter((id) => held.has(id)) };
  });
}

/** @param subject begins messages, such as `The split` */
function namedSplit(
  ids: readonly string[],
  train: readonly string[],
  validation: readonly string[],
  subject = 'The split',
): Split {
  for (const id of [...train, ...validation]) {
    if (ids.includes(id)) continue;
    throw impossible(
      `${subject} contains the case \`${id}\`, which is not a labelled case.`,
      didYouMean(id, ids, `The labelled cases are ${listNames(ids.slice(0, 8))}${ids.length > 8 ? ', ...' : ''}.`),
    );
  }
  const both = train.filter((id) => validation.includes(id));
  if (both.length > 0) {
    throw impossible(
      `${subject} contains ${listNames(both)} in both training and validation.`,
      'Keep each case in only one of them.',
    );
  }
  if (train.length === 0) throw impossible(`${subject} has no training cases.`, 'Give at least one training case.');
  return { train: [...new Set(train)].sort(), validation: [...new Set(validation)].sort() };
}

/**
 * The folds of a split by `kfold` or `cases`. `kfold` shuffles the sorted ids by its own seed and deals them out, so that
 * folds differ by at most one case, every case is validated once, and the seed of a run does not change the split; with
 * groups or strata, `groupedFolds` deals them. `cases` takes the named ones.
 * @param cases the labelled cases, in any order
 * @throws UserError UNET6017
 */
export function foldsOf(cases: readonly SplitCase[], split: Exclude<SplitProtocol, SplitFile>): readonly Split[] {
  const sorted = [...cases].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  if (split.kind === 'kfold') return kfold(sorted, split);
  const ids = sorted.map(({ id }) => id);
  return [namedSplit(ids, split.train, split.validation)];
}

const fileSchema = z.array(z.looseObject({ train: z.array(z.string()), val: z.array(z.string()) })).min(1);

/** Reads the folds of a file in the format of nnU-Net's `splits_final.json`, in the folder of the data set. */
async function foldsInFile({ dir, cases }: Dataset, { path, folds }: SplitFile): Promise<readonly Split[]> {
  const file = inside('split', dir, path);
  const text = await readTextFile(file).catch((error: unknown) => {
    throw impossible(cannotRead({ file }, error).message, 'The path is relative to the folder of the data set.');
  });
  const listed = readJson(fileSchema, text, ({ fault }) =>
    impossible(
      `\`${file}\` ${fault}.`,
      'The file must contain a list with `train` and `val` (case ids) for each fold.',
    ),
  );
  if (listed.length !== folds) {
    const help = `Write \`file("${path}", folds: ${listed.length})\`.`;
    throw impossible(`\`${file}\` has ${counted(listed.length, 'fold')}, but the protocol expects ${folds}.`, help);
  }
  const ids = cases.map(({ id }) => id);
  return listed.map(({ train, val }, fold) => namedSplit(ids, train, val, `Fold ${fold} of \`${file}\``));
}

/**
 * The folds of a data set.
 * @throws UserError UNET6017, also for a file that names an unknown case; UNET6004 for a file outside the folder
 */
export async function splitDataset(dataset: Dataset, split: SplitProtocol): Promise<readonly Split[]> {
  return split.kind === 'file' ? foldsInFile(dataset, split) : foldsOf(dataset.cases, split);
}
