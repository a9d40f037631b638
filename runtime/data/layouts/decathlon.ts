import { basename, join } from 'node:path';
import { z } from 'zod';
import { emptyTable, readCaseTable } from '../case-table.js';
import type { DataCase } from '../types.js';
import { channelsOf, labelsOf, numbersOf, peekDescription, readDescription } from './description.js';
import type { DataPlace, Layout, Listing, OnProblem } from './layout.js';
import { attempt, distinct, inside, isMacShadow, stemOf } from './listing.js';

const named = z.record(z.string(), z.string().min(1));

/** The part of a Decathlon `dataset.json` that is used; other fields are ignored. */
const schema = z.looseObject({
  name: z.string().optional(),
  modality: named,
  labels: named,
  training: z.array(z.looseObject({ image: z.string().min(1), label: z.string().min(1) })),
  test: z.array(z.union([z.string(), z.looseObject({ image: z.string().min(1) })])).optional(),
});

const CONTENTS =
  'The file must contain `modality` and `labels` (number to name) and `training` (a list of `image` and `label` paths).';

async function open({ path: dir }: DataPlace, onProblem: OnProblem): Promise<Listing> {
  const file = join(dir, 'dataset.json');
  const tableFile = join(dir, 'cases.csv');
  const description = await readDescription(file, schema, CONTENTS);
  const table = (await readCaseTable(tableFile)) ?? emptyTable;
  const caseOf = (image: string, label?: string): DataCase[] => {
    if (isMacShadow(image) || (label !== undefined && isMacShadow(label))) return [];
    const id = stemOf(image);
    return attempt(onProblem, () => ({
      id,
      images: [inside(file, dir, image)],
      ...(label === undefined ? {} : { label: inside(file, dir, label) }),
      columns: table.rows.get(id) ?? {},
    }));
  };
  const seen = new Set<string>();
  const labelled = description.training.flatMap(({ image, label }) => caseOf(image, label));
  const bare = (description.test ?? []).flatMap((entry) => caseOf(typeof entry === 'string' ? entry : entry.image));
  const values = numbersOf(file, 'labels', description.labels);
  return {
    dir,
    assumptions: [],
    descriptions: [file, tableFile],
    name: description.name ?? basename(dir),
    modalities: channelsOf(file, 'modality', description.modality),
    labels: labelsOf(
      file,
      'labels',
      values.map((value) => ({ name: description.labels[String(value)]!, value })),
    ),
    regions: [],
    cases: distinct(file, labelled, seen, onProblem),
    unlabelled: distinct(file, bare, seen, onProblem),
    columns: table.columns,
  };
}

/** A folder in the layout of the Medical Segmentation Decathlon: `dataset.json` lists 4-D images and their labels. */
export const decathlon: Layout = {
  name: 'decathlon',
  title: 'Medical Segmentation Decathlon',
  signs: '`dataset.json` with `modality` and `training`',
  async matches({ path, entries }) {
    if (!entries.includes('dataset.json')) return false;
    const description = await peekDescription(join(path, 'dataset.json'));
    if (description === undefined) return true;
    return ['modality', 'training'].some((key) => Object.hasOwn(description, key)) || !('channel_names' in description);
  },
  open,
};
