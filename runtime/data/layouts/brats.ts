import { basename, join } from 'node:path';
import { emptyTable, readCaseTable } from '../case-table.js';
import { findName } from '../names.js';
import type { DataCase, DataLabel } from '../types.js';
import { missingLabelNames, readLabelNames } from './label-names.js';
import type { DataPlace, Layout, Listing, OnProblem } from './layout.js';
import { attempt, distinct, entriesOf, isImageName, missingChannels, stemOf } from './listing.js';

/** The contrasts of BraTS in the order of channels; synonyms are matched by name. Others follow, sorted. */
const CONTRASTS = ['FLAIR', 'T1w', 'T1gd', 'T2w'];
const LABEL = 'seg';

/** A case's folder with its files by contrast. */
interface CaseFolder {
  readonly id: string;
  readonly dir: string;
  /** Whether a file is named after the folder or a contrast. */
  readonly isCase: boolean;
  /** Keys are lower case: the end of the file's name after the folder's, or the whole name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The contrast that a file's name states: `t1ce` of `CASE/CASE_t1ce.nii.gz`, `flair` of `CASE/flair.nii.gz`. */
function contrastOf(folder: string, file: string): string {
  const stem = stemOf(file);
  const rest = stem.startsWith(folder) ? stem.slice(folder.length).replace(/^[-_.]/, '') : stem;
  return (rest === '' ? stem : rest).toLowerCase();
}

/** Whether the files of a folder look like the contrasts of a case. */
function looksLikeCase(folder: string, files: readonly string[]): boolean {
  return files.some((file) => {
    const prefixed = /^[-_.]/.test(stemOf(file).slice(folder.length)) && stemOf(file).startsWith(folder);
    return prefixed || findName(contrastOf(folder, file), CONTRASTS) >= 0;
  });
}

async function caseFolder(parent: string, id: string): Promise<CaseFolder[]> {
  const dir = join(parent, id);
  const files = (await entriesOf(dir)).files.filter(isImageName);
  if (files.length === 0) return [];
  return [
    {
      id,
      dir,
      isCase: looksLikeCase(id, files),
      files: new Map(files.map((file) => [contrastOf(id, file), join(dir, file)])),
    },
  ];
}

/**
 * The folders with images, directly in a folder or one level below (`HGG`, `LGG`), if any looks like a case: then the
 * others are cases whose contrasts are missing.
 */
async function caseFolders(dir: string): Promise<CaseFolder[]> {
  const found: CaseFolder[] = [];
  for (const name of (await entriesOf(dir)).folders) {
    const own = await caseFolder(dir, name);
    found.push(...own);
    if (own.length > 0) continue;
    for (const inner of (await entriesOf(join(dir, name))).folders)
      found.push(...(await caseFolder(join(dir, name), inner)));
  }
  return found.some(({ isCase }) => isCase) ? found : [];
}

/** Contrasts that all cases should have: the known ones that occur, and others in at least half of the cases. */
function contrastsOf(folders: readonly CaseFolder[]): string[] {
  const counts = new Map<string, number>();
  for (const { files } of folders) for (const key of files.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  counts.delete(LABEL);
  const rank = (name: string): number => findName(name, CONTRASTS);
  return [...counts]
    .filter(([name, count]) => rank(name) >= 0 || 2 * count >= folders.length)
    .map(([name]) => name)
    .sort((a, b) => order(rank(a)) - order(rank(b)) || (a < b ? -1 : 1));
}

function order(rank: number): number {
  return rank < 0 ? CONTRASTS.length : rank;
}

/**
 * The classes of adult glioma data, whose enhancing tumour has the value 4 up to BraTS 2021 (`t1ce`) and 3 since 2023
 * (`t1c`); undefined for names of another kind. Paediatric data (`BraTS-PED`) numbers its classes in another way.
 */
function usualLabels(folders: readonly CaseFolder[], contrasts: readonly string[]): DataLabel[] | undefined {
  if (folders.some(({ id }) => /ped/i.test(id))) return undefined;
  const enhancing = contrasts.includes('t1ce') ? 4 : contrasts.includes('t1c') ? 3 : undefined;
  if (enhancing === undefined) return undefined;
  return [
    { name: 'background', value: 0 },
    { name: 'NCR', value: 1 },
    { name: 'ED', value: 2 },
    { name: 'ET', value: enhancing },
  ];
}

async function open({ path: dir }: DataPlace, onProblem: OnProblem): Promise<Listing> {
  const [tableFile, labelFile] = [join(dir, 'cases.csv'), join(dir, 'labels.csv')];
  const table = (await readCaseTable(tableFile)) ?? emptyTable;
  const folders = await caseFolders(dir);
  const contrasts = contrastsOf(folders);
  const all = folders.flatMap(({ id, dir: own, files }) =>
    attempt(onProblem, (): DataCase => {
      const missing = contrasts.filter((contrast) => !files.has(contrast));
      if (missing.length > 0) throw missingChannels(own, id, missing, `\`${id}_${missing[0]}.nii.gz\` in its folder`);
      const label = files.get(LABEL);
      const images = contrasts.map((contrast) => files.get(contrast)!);
      return { id, images, ...(label === undefined ? {} : { label }), columns: table.rows.get(id) ?? {} };
    }),
  );
  const isLabelled = ({ label }: DataCase): boolean => label !== undefined;
  const named = await readLabelNames(labelFile);
  const usual = named === undefined ? usualLabels(folders, contrasts) : undefined;
  const labels = named ?? usual;
  if (labels === undefined && all.some(isLabelled)) throw missingLabelNames(dir, labelFile);
  const seen = new Set<string>();
  return {
    dir,
    assumptions: usual === undefined ? [] : [assumption(usual, labelFile)],
    descriptions: [labelFile, tableFile],
    name: basename(dir),
    modalities: contrasts,
    labels: labels ?? [],
    regions: [],
    cases: distinct(dir, all.filter(isLabelled), seen, onProblem),
    unlabelled: distinct(
      dir,
      all.filter((each) => !isLabelled(each)),
      seen,
      onProblem,
    ),
    columns: table.columns,
  };
}

function assumption(labels: readonly DataLabel[], file: string): string {
  const enhancing = labels.at(-1)!.value;
  return `The label values are assumed to be those of BraTS gliomas: 1 necrotic core (NCR), 2 edema (ED), ${enhancing} enhancing tumour (ET). If they are others, list them in \`${file}\`.`;
}

/** Folders in the style of BraTS: one per case, with one file per contrast and `seg`. */
export const brats: Layout = {
  name: 'brats',
  title: 'BraTS folders',
  signs: 'a folder per case with a file per contrast, such as `CASE/CASE_flair.nii.gz` or `CASE/CASE-t2f.nii.gz`',
  async matches({ path, isFile }) {
    return !isFile && (await caseFolders(path)).length > 0;
  },
  open,
};
