import { basename, dirname, extname, join } from 'node:path';
import { type CaseTable, readCaseTable } from '../case-table.js';
import { UserError } from '../../errors/user-error.js';
import type { DataCase } from '../types.js';
import { missingLabelNames, readLabelNames } from './label-names.js';
import type { DataPlace, Layout, Listing, OnProblem } from './layout.js';
import { attempt, distinct, inside, isImageName, missingChannels, refuseSimilarNames } from './listing.js';

/** The table of a place: the file itself, or `cases.csv` of the folder. */
function tableOf({ path, isFile }: DataPlace): string {
  return isFile ? path : join(path, 'cases.csv');
}

/** The columns that hold paths of images: those with at least one NIfTI file, except `label`. */
function pathColumns({ columns, rows }: CaseTable): string[] {
  const all = [...rows.values()];
  return columns.filter((column) => column !== 'label' && all.some((row) => isImageName(row[column] ?? '')));
}

async function open(place: DataPlace, onProblem: OnProblem): Promise<Listing> {
  const file = tableOf(place);
  const dir = dirname(file);
  const labelFile = join(dir, 'labels.csv');
  const table = await readCaseTable(file);
  const channels = table === undefined ? [] : pathColumns(table);
  if (table === undefined || channels.length === 0) {
    throw new UserError(
      'UNET6015',
      `\`${file}\` has no column of images.`,
      'Use the columns `case`, one per channel with paths of `.nii.gz` files, and `label`.',
    );
  }
  refuseSimilarNames(file, 'the first line', channels);
  const columns = table.columns.filter((column) => column !== 'label' && !channels.includes(column));
  const all = [...table.rows].flatMap(([id, row]) =>
    attempt(onProblem, (): DataCase => {
      const missing = channels.filter((channel) => (row[channel] ?? '') === '');
      if (missing.length > 0) throw missingChannels(file, id, missing, 'a path in each of these columns');
      const label = row['label'] ?? '';
      return {
        id,
        images: channels.map((channel) => inside(file, dir, row[channel]!)),
        ...(label === '' ? {} : { label: inside(file, dir, label) }),
        columns: Object.fromEntries(columns.map((column) => [column, row[column] ?? ''])),
      };
    }),
  );
  const isLabelled = ({ label }: DataCase): boolean => label !== undefined;
  const labels = await readLabelNames(labelFile);
  if (labels === undefined && all.some(isLabelled)) throw missingLabelNames(file, labelFile);
  return {
    dir,
    assumptions: [],
    descriptions: [labelFile, file],
    name: place.isFile ? basename(file, extname(file)) : basename(dir),
    modalities: channels,
    labels: labels ?? [],
    regions: [],
    cases: distinct(file, all.filter(isLabelled), new Set(), onProblem),
    unlabelled: distinct(
      file,
      all.filter((each) => !isLabelled(each)),
      new Set(),
      onProblem,
    ),
    columns,
  };
}

/** A CSV of paths: `case`, a column per channel, `label`, and columns that describe cases; classes are in `labels.csv`. */
export const csv: Layout = {
  name: 'csv',
  title: 'CSV of paths',
  signs: 'a `.csv` file, or `cases.csv` in the folder, with columns of `.nii.gz` paths',
  async matches(place) {
    if (place.isFile) return /\.csv$/i.test(place.path);
    if (!place.entries.includes('cases.csv') || place.entries.includes('dataset.json')) return false;
    const table = await readCaseTable(tableOf(place)).catch(() => undefined);
    // An invalid table is opened for its error.
    return table === undefined || pathColumns(table).length > 0;
  },
  open,
};
