import { basename, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors/user-error.js';
import { type CaseTable, emptyTable, readCaseTable } from '../case-table.js';
import type { DataCase, DataLabel, DataRegion } from '../types.js';
import { channelsOf, invalidDescription, labelsOf, peekDescription, readDescription } from './description.js';
import type { DataPlace, Layout, Listing, OnProblem } from './layout.js';
import { attempt, distinct, entriesOf, inside, isMacShadow, missingChannels } from './listing.js';

const value = z.int().min(0);

/** The part of an nnU-Net v2 `dataset.json` that is used; other fields are ignored. */
const schema = z.looseObject({
  name: z.string().optional(),
  channel_names: z.record(z.string(), z.string().min(1)),
  labels: z.record(z.string(), z.union([value, z.array(value).min(1)])),
  file_ending: z.string(),
  numTraining: value.optional(),
  dataset: z.record(z.string(), z.looseObject({ images: z.array(z.string()).min(1), label: z.string() })).optional(),
});
type Description = z.infer<typeof schema>;

const CONTENTS =
  'The file must contain `channel_names` (number to name), `labels` (name to value, or to a list of values) and `file_ending`.';

/** Where a data set is read, and what each case of it needs. */
interface Reading {
  readonly file: string;
  readonly dir: string;
  readonly ending: string;
  readonly channels: readonly string[];
  readonly table: CaseTable;
  readonly onProblem: OnProblem;
}

function channelFile(id: string, channel: number, ending: string): string {
  return `${id}_${String(channel).padStart(4, '0')}${ending}`;
}

/** The ids of the cases that have any channel in a folder. */
function idsIn(files: readonly string[], ending: string): string[] {
  const ids = files.flatMap((file) => {
    const stem = file.endsWith(ending) && !isMacShadow(file) ? file.slice(0, -ending.length) : '';
    return /^(.+)_\d{4}$/.exec(stem)?.[1] ?? [];
  });
  return [...new Set(ids)].sort();
}

/** The cases of a folder of images, those in `labels` with their label. */
async function casesIn(reading: Reading, folder: string, labels: ReadonlySet<string>): Promise<DataCase[]> {
  const { dir, ending, channels, table, onProblem } = reading;
  const files = new Set((await entriesOf(join(dir, folder))).files);
  const ids = [...new Set([...idsIn([...files], ending), ...labels])].sort();
  return ids.flatMap((id) =>
    attempt(onProblem, () => {
      const missing = channels.filter((_, channel) => !files.has(channelFile(id, channel, ending)));
      if (missing.length > 0) {
        const expected = missing.map((name) => `\`${folder}/${channelFile(id, channels.indexOf(name), ending)}\``);
        throw missingChannels(dir, id, missing, expected.join(', '));
      }
      return {
        id,
        images: channels.map((_, channel) => join(dir, folder, channelFile(id, channel, ending))),
        ...(labels.has(id) ? { label: join(dir, 'labelsTr', `${id}${ending}`) } : {}),
        columns: table.rows.get(id) ?? {},
      };
    }),
  );
}

/** The cases that `dataset` in `dataset.json` lists. */
function listedCases({ file, dir, channels, table, onProblem }: Reading, listed: Description['dataset']): DataCase[] {
  return Object.entries(listed ?? {}).flatMap(([id, { images, label }]) =>
    attempt(onProblem, () => {
      if (images.length !== channels.length) {
        throw missingChannels(file, id, channels.slice(images.length), `${channels.length} images in \`dataset\``);
      }
      return {
        id,
        images: images.map((image) => inside(file, dir, image)),
        label: inside(file, dir, label),
        columns: table.rows.get(id) ?? {},
      };
    }),
  );
}

/** The values of the label files with their names, those of unions, and the ignored one. */
function readLabels(file: string, labels: Description['labels']) {
  const ignored = labels['ignore'];
  if (Array.isArray(ignored)) {
    throw invalidDescription(file, '`ignore` must be a single value', 'nnU-Net expects the highest label value.');
  }
  const entries = Object.entries(labels).filter(([name]) => name !== 'ignore');
  const overlap = entries.some(([, values]) => Array.isArray(values) && values.length > 1);
  const lists = entries.map(([name, values]): DataRegion => ({ name, values: [values].flat() }));
  const own = new Map<number, string>();
  for (const { name, values } of lists) {
    if (values.length !== 1) continue;
    const twin = own.get(values[0]!);
    if (twin !== undefined) {
      const fault = `\`labels\` gives the value ${values[0]} to both \`${twin}\` and \`${name}\``;
      throw invalidDescription(file, fault, 'Give each class a value of its own.');
    }
    own.set(values[0]!, name);
  }
  const values = [...new Set(lists.flatMap((each) => each.values))];
  if (ignored !== undefined && values.includes(ignored)) {
    throw invalidDescription(file, `\`ignore\` has the value ${ignored} of a class`, 'Give it the highest value.');
  }
  const named: DataLabel[] = values.map((each) => ({ name: own.get(each) ?? `label ${each}`, value: each }));
  return {
    labels: labelsOf(file, 'labels', named),
    regions: overlap ? lists.filter((each) => each.values.some((one) => one !== 0)) : [],
    ...(ignored === undefined ? {} : { ignore: ignored }),
  };
}

async function open({ path: dir }: DataPlace, onProblem: OnProblem): Promise<Listing> {
  const file = join(dir, 'dataset.json');
  const tableFile = join(dir, 'cases.csv');
  const description = await readDescription(file, schema, CONTENTS);
  const ending = description.file_ending;
  if (!/^\.nii(\.gz)?$/.test(ending)) {
    const fault = `\`file_ending\` is \`${ending}\`, but only NIfTI files are read`;
    throw invalidDescription(file, fault, 'Convert the images to `.nii.gz`.');
  }
  const table = (await readCaseTable(tableFile)) ?? emptyTable;
  const channels = channelsOf(file, 'channel_names', description.channel_names);
  const reading: Reading = { file, dir, ending, channels, table, onProblem };
  const labels = (await entriesOf(join(dir, 'labelsTr'))).files
    .filter((name) => name.endsWith(ending) && !isMacShadow(name))
    .map((name) => name.slice(0, -ending.length));
  const found = description.dataset
    ? listedCases(reading, description.dataset)
    : await casesIn(reading, 'imagesTr', new Set(labels));
  const test = await casesIn(reading, 'imagesTs', new Set());
  const seen = new Set<string>();
  const cases = distinct(
    dir,
    found.filter(({ label }) => label !== undefined),
    seen,
    onProblem,
  );
  const { numTraining } = description;
  const listed = description.dataset ? Object.keys(description.dataset).length : labels.length;
  if (numTraining !== undefined && numTraining !== listed) {
    const message = `\`${file}\`: \`numTraining\` is ${numTraining}, but there are ${listed} labelled cases.`;
    onProblem(new UserError('UNET6002', message, 'Restore the missing files, or correct `numTraining`.'));
  }
  return {
    dir,
    assumptions: [],
    descriptions: [file, tableFile],
    name: description.name ?? basename(dir),
    modalities: channels,
    ...readLabels(file, description.labels),
    cases,
    unlabelled: distinct(dir, [...found.filter(({ label }) => label === undefined), ...test], seen, onProblem),
    columns: table.columns,
  };
}

/** A raw data set of nnU-Net v2: `imagesTr/CASE_0000.nii.gz`, one file per channel, and `labelsTr/CASE.nii.gz`. */
export const nnunet: Layout = {
  name: 'nnunet',
  title: 'nnU-Net v2',
  signs: '`dataset.json` with `channel_names`',
  async matches({ path, entries }) {
    if (!entries.includes('dataset.json')) return false;
    const description = await peekDescription(join(path, 'dataset.json'));
    return description !== undefined && Object.hasOwn(description, 'channel_names');
  },
  open,
};
