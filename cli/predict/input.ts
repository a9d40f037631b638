import { caseIdOf, openDataset, type DataNames } from '../../runtime/data/dataset.js';
import { imageDataset } from '../../runtime/data/image-dataset.js';
import { findName, listNames } from '../../runtime/data/names.js';
import type { Dataset } from '../../runtime/data/types.js';
import type { UserError } from '../../runtime/errors/user-error.js';
import { assumedData } from '../../runtime/run/assumptions.js';
import { UsageError } from '../exit.js';
import type { OpenedRun } from '../session.js';

/** Where the images of `unet predict` come from. */
export interface InputFlags {
  readonly data?: string;
  readonly case?: string;
  readonly image: readonly string[];
}

/** A data set and the cases of it to segment. */
export interface PredictionInput {
  readonly dataset: Dataset;
  readonly ids: readonly string[];
}

/** Splits `NAME=FILE` at a channel's name; other paths may contain `=`. */
function splitName(text: string, channels: readonly string[]): { readonly channel: number; readonly file: string } {
  const at = text.indexOf('=');
  const channel = at < 0 ? -1 : findName(text.slice(0, at), channels);
  return channel < 0 ? { channel, file: text } : { channel, file: text.slice(at + 1) };
}

/** The channel that a file's name states as nnU-Net writes it: 1 for `CASE_0001.nii.gz`; -1 if it does not. */
function numberedChannel(file: string): number {
  const number = /_(\d{4})$/.exec(caseIdOf(file))?.[1];
  return number === undefined ? -1 : Number(number);
}

/** Returns the paths of `--image` without the names of channels. */
export function imageFiles(given: readonly string[]): string[] {
  return given.flatMap((text) => [text, text.slice(text.indexOf('=') + 1)]);
}

/**
 * Orders the files of `--image` by channel: one file of all channels, or one per channel, named `NAME=FILE` or numbered
 * as by nnU-Net.
 * @throws UsageError for a channel without a file or with several
 */
function orderFiles(given: readonly string[], channels: readonly string[]): string[] {
  const named = given.map((text) => splitName(text, channels));
  if (named.length === 1 && (named[0]!.channel < 0 || channels.length === 1)) return [named[0]!.file];
  const files = named.map(({ channel, file }) => ({ channel: channel < 0 ? numberedChannel(file) : channel, file }));
  const example = `\`--image ${channels[0]}=FILE\``;
  const unknown = files.find(({ channel }) => channel < 0 || channel >= channels.length);
  if (unknown !== undefined) {
    throw new UsageError(
      `It is unclear which channel \`${unknown.file}\` contains. The channels of the run are ${listNames(channels)}.`,
      `Name the channel of each file (${example}), or number the files as nnU-Net does (CASE_0000.nii.gz).`,
    );
  }
  return channels.map((name, channel) => {
    const own = files.filter((each) => each.channel === channel);
    if (own.length === 1) return own[0]!.file;
    const what = own.length === 0 ? 'no file' : 'several files';
    throw new UsageError(`The channel \`${name}\` has ${what}.`, `Give one file per channel, such as ${example}.`);
  });
}

/** The id of a case given as files: of `CASE_0000.nii.gz` the part before the number. */
function idOfFiles(files: readonly string[]): string {
  const id = caseIdOf(files[0]!);
  return files.length > 1 ? id.replace(/_\d{4}$/, '') : id;
}

/** What a run records of channels and labels, or assumes. */
function namesOf({ run, network }: OpenedRun): DataNames & { readonly name: string } {
  return run.info.data ?? assumedData(network.description);
}

/**
 * Opens the images of a prediction: files, a case of a data set, or all of its cases. A folder of images without a
 * description, and unlabelled data without class names, take the names from the run.
 * @param onProblem receives entries of the data set that cannot be used, if all cases are segmented
 */
export async function openInput(
  opened: OpenedRun,
  { data, case: id, image }: InputFlags,
  onProblem: (problem: UserError) => void,
): Promise<PredictionInput> {
  const names = namesOf(opened);
  if (data === undefined) {
    const files = orderFiles(image, names.channels);
    const dataset = imageDataset(files, names, idOfFiles(files));
    return { dataset, ids: dataset.unlabelled.map((each) => each.id) };
  }
  const dataset = await openDataset(data, id === undefined ? onProblem : undefined, names);
  const all = [...dataset.cases, ...dataset.unlabelled].map((each) => each.id).sort();
  return { dataset, ids: id === undefined ? all : [id] };
}
