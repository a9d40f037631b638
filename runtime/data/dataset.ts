import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors/user-error.js';
import { readJson } from '../files/read-json.js';
import { readTextFile } from '../files/read-file.js';
import { repeatedKey } from '../files/repeated-key.js';
import { type CaseTable, emptyTable, readCaseTable } from './case-table.js';
import { didYouMean, listNames, normalizeName } from './names.js';
import { cannotRead, systemCode } from './place.js';
import type { DataCase, DataLabel, Dataset } from './types.js';

const named = z.record(z.string(), z.string().min(1));

/** The part of an MSD `dataset.json` that is used; other fields are ignored. */
const datasetSchema = z.looseObject({
  name: z.string().optional(),
  modality: named,
  labels: named,
  training: z.array(z.looseObject({ image: z.string().min(1), label: z.string().min(1) })),
  test: z.array(z.union([z.string(), z.looseObject({ image: z.string().min(1) })])).optional(),
});

type DatasetFile = z.infer<typeof datasetSchema>;

const JSON_HELP =
  'The file must contain `modality` and `labels` (number to name) and `training` (a list of `image` and `label` paths).';

function invalid(file: string, fault: string, help: string = JSON_HELP): UserError {
  return new UserError('UNET6002', `\`${file}\`: ${fault}.`, help);
}

async function readDescription(file: string, dir: string): Promise<DatasetFile> {
  const text = await readTextFile(file).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
    const fault =
      systemCode(error) === 'ENOTDIR' ? 'it is a file' : cannotRead({ file }, error).message.replace(/\.$/, '');
    throw new UserError('UNET6001', `\`${dir}\` is not a data set: ${fault}.`, DIR_HELP);
  });
  const description = readJson(datasetSchema, text, ({ fault, help = JSON_HELP }) => {
    return new UserError('UNET6002', `\`${file}\` ${fault}.`, help);
  });
  const repeated = repeatedKey(text);
  if (repeated === undefined) return description;
  throw invalid(
    file,
    `the key \`${repeated.key}\` is repeated in line ${repeated.line}`,
    'Keys must be unique: remove or rename one of the two.',
  );
}

/** The keys of `modality` or `labels` as numbers: `1` and `01` would be the same. */
function numbersOf(file: string, field: string, names: Readonly<Record<string, string>>): number[] {
  const wrong = Object.keys(names).find((key) => !/^(?:0|[1-9]\d*)$/.test(key));
  if (wrong === undefined) return Object.keys(names).map(Number);
  throw invalid(
    file,
    `\`${field}\` has the invalid key \`${wrong}\``,
    'Keys must be whole numbers from 0, without leading zeros.',
  );
}

const DIR_HELP =
  'Give the folder that contains `dataset.json`, or generate a phantom data set with `unet data synth -o DIR`.';

/** Names in the order of their numbers, which must be consecutive from 0. */
function modalitiesOf(file: string, modality: Readonly<Record<string, string>>): string[] {
  const keys = numbersOf(file, 'modality', modality).sort((a, b) => a - b);
  if (keys.length === 0) throw invalid(file, '`modality` is empty');
  if (keys.some((key, index) => key !== index)) {
    throw invalid(file, `\`modality\` must be numbered 0 to ${keys.length - 1}`, 'Number the channels in file order.');
  }
  const names = keys.map((key) => modality[String(key)] ?? '');
  refuseSimilarNames(file, 'modality', names);
  return names;
}

function labelsOf(file: string, labels: Readonly<Record<string, string>>): DataLabel[] {
  const list = numbersOf(file, 'labels', labels).map((value) => ({ name: labels[String(value)]!, value }));
  list.sort((a, b) => a.value - b.value);
  if (list.length < 2) throw invalid(file, '`labels` must have at least two values');
  const high = list.find(({ value }) => value > 254);
  if (high !== undefined) throw invalid(file, `label value ${high.value} is above 254`, 'Use values from 0 to 254.');
  refuseSimilarNames(
    file,
    'labels',
    list.map(({ name }) => name),
  );
  return list;
}

/**
 * Rejects names that differ only in case, spaces, hyphens or underscores, because they could not be matched by name.
 */
function refuseSimilarNames(file: string, field: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(normalizeName(name));
    if (twin !== undefined)
      throw invalid(
        file,
        `\`${field}\` contains both \`${twin}\` and \`${name}\``,
        'Choose names that differ in more than case, spaces, hyphens and underscores.',
      );
    seen.set(normalizeName(name), name);
  }
}

/** Resolves a listed path in the folder; rejects a path outside it. */
function inside(file: string, dir: string, path: string): string {
  const full = resolve(dir, path);
  const step = relative(dir, full);
  if (isAbsolute(path) || step === '..' || step.startsWith(`..${sep}`) || isAbsolute(step)) {
    throw new UserError(
      'UNET6004',
      `\`${file}\` lists \`${path}\`, which lies outside its folder.`,
      'Move the file into the folder and list it by a relative path.',
    );
  }
  return full;
}

/** The id of a case: the file name of its image without `.nii.gz` or `.nii`. */
export function caseIdOf(path: string): string {
  return basename(path).replace(/\.nii(\.gz)?$/i, '');
}

/** Archives created on a Mac contain a `._x` next to each `x`, which is not data. */
function isMacShadow(path: string): boolean {
  return basename(path).startsWith('._');
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

interface Reading {
  readonly file: string;
  readonly dir: string;
  readonly table: CaseTable;
  readonly onProblem: (problem: UserError) => void;
}

function toCase(reading: Reading, image: string, label?: string): DataCase[] {
  if (isMacShadow(image) || (label !== undefined && isMacShadow(label))) return [];
  const { file, dir, table } = reading;
  const id = caseIdOf(image);
  try {
    const paths = {
      image: inside(file, dir, image),
      ...(label === undefined ? {} : { label: inside(file, dir, label) }),
    };
    return [{ id, ...paths, columns: table.rows.get(id) ?? {} }];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    reading.onProblem(error);
    return [];
  }
}

/** Keeps the first case of each id and reports the others. */
function distinct(reading: Reading, cases: readonly DataCase[], seen: Set<string>): DataCase[] {
  const kept: DataCase[] = [];
  for (const each of cases) {
    if (seen.has(each.id)) {
      const message = `\`${reading.file}\` lists case \`${each.id}\` twice.`;
      reading.onProblem(new UserError('UNET6021', message, 'Remove one of the entries, or rename its image.'));
    } else {
      seen.add(each.id);
      kept.push(each);
    }
  }
  return kept.sort(byId);
}

function throwProblem(problem: UserError): never {
  throw problem;
}

/**
 * Reads `dataset.json` and, if it exists, `cases.csv`. Image files are not opened: a missing one is reported when its
 * case is read.
 * @param dir the folder that contains `dataset.json`
 * @param onProblem receives entries that had to be omitted (paths outside the folder, duplicate ids); throws by default
 * @throws UserError UNET6001 (not a data set), UNET6002 (`dataset.json`), UNET6004 (path), UNET6015 (`cases.csv`),
 * UNET6021
 */
export async function openDataset(
  dir: string,
  onProblem: (problem: UserError) => void = throwProblem,
): Promise<Dataset> {
  const folder = resolve(dir);
  const file = join(folder, 'dataset.json');
  const description = await readDescription(file, folder);
  const table = (await readCaseTable(join(folder, 'cases.csv'))) ?? emptyTable;
  const reading: Reading = { file, dir: folder, table, onProblem };
  const seen = new Set<string>();
  const labelled = description.training.flatMap(({ image, label }) => toCase(reading, image, label));
  const test = description.test ?? [];
  const bare = test.flatMap((entry) => toCase(reading, typeof entry === 'string' ? entry : entry.image));
  return {
    dir: folder,
    name: description.name ?? basename(folder),
    modalities: modalitiesOf(file, description.modality),
    labels: labelsOf(file, description.labels),
    cases: distinct(reading, labelled, seen),
    unlabelled: distinct(reading, bare, seen),
    columns: table.columns,
  };
}

/**
 * Finds a case by its id, labelled or not.
 * @throws UserError UNET6018 with similar ids
 */
export function findCase(dataset: Dataset, id: string): DataCase {
  const all = [...dataset.cases, ...dataset.unlabelled];
  const found = all.find((each) => each.id === id);
  if (found !== undefined) return found;
  const ids = all.map((each) => each.id);
  const some = ids.length > 8 ? `${listNames(ids.slice(0, 8))} and ${ids.length - 8} more` : listNames(ids);
  throw new UserError(
    'UNET6018',
    `Data set \`${dataset.dir}\` has no case \`${id}\`.`,
    didYouMean(id, ids, ids.length === 0 ? 'It has no cases.' : `Its cases are ${some}.`),
  );
}
