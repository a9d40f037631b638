import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '../../runtime/data/types.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { prepareOutputs, type Output } from '../../runtime/files/output.js';
import { UsageError } from '../exit.js';
import { filesOfDataset, filesOfRun } from '../inputs.js';
import { imageFiles, type InputFlags } from './input.js';

/** Where `unet predict` writes: files for one case, folders for all cases of a data set. */
export interface OutputPaths {
  readonly output: string;
  readonly probabilities?: string;
  readonly picture?: string;
  readonly force?: boolean | undefined;
}

/** A result of a case: the path as the user gave it, and the place to write. */
export interface Target {
  readonly path: string;
  readonly place: string;
}

/** The files of a case. */
export interface CaseTargets {
  readonly mask: Target;
  readonly probabilities?: Target;
  readonly picture?: Target;
}

function requireEnding(what: string, file: string | undefined, ending: RegExp, endings: string): void {
  if (file !== undefined && !ending.test(file)) throw new UsageError(`The ${what} \`${file}\` must end in ${endings}.`);
}

/** Whether all cases of a data set are predicted, into folders. */
export function wantsFolder({ data, case: id }: InputFlags): boolean {
  return data !== undefined && id === undefined;
}

/** Checks the names of the outputs: files of one case, or folders. */
export function checkOutputNames(input: InputFlags, { output, probabilities, picture }: OutputPaths): void {
  if (!wantsFolder(input)) {
    requireEnding('mask', output, /\.nii(\.gz)?$/, '.nii.gz or .nii');
    requireEnding('probability file', probabilities, /\.nii(\.gz)?$/, '.nii.gz or .nii');
    requireEnding('picture', picture, /\.png$/, '.png');
    return;
  }
  const file = [output, probabilities, picture].find((each) => each !== undefined && /\.(nii(\.gz)?|png)$/.test(each));
  if (file === undefined) return;
  throw new UsageError(
    `\`${file}\` is the name of a file, but without --case all cases of \`${input.data}\` are predicted, into a folder.`,
    'Give a folder, or choose a case with --case.',
  );
}

function outputsOf({ output, probabilities, picture }: OutputPaths): (Output & { readonly of: keyof CaseTargets })[] {
  return [
    { of: 'mask', path: output, format: 'nifti' },
    ...(probabilities === undefined ? [] : [{ of: 'probabilities', path: probabilities, format: 'nifti' } as const]),
    ...(picture === undefined ? [] : [{ of: 'picture', path: picture, format: 'png' } as const]),
  ];
}

async function targetsOf(paths: OutputPaths, inputs: readonly string[], createsFolders: boolean): Promise<CaseTargets> {
  const outputs = outputsOf(paths);
  const places = await prepareOutputs(outputs, { inputs, force: paths.force, createsFolders });
  const targets = outputs.map((each, k) => [each.of, { path: each.path, place: places[k]! }] as const);
  return Object.fromEntries(targets) as unknown as CaseTargets;
}

/**
 * The files of a single case, checked before any work.
 * @throws UserError as `prepareOutputs`
 */
export async function fileTargets(
  runs: readonly string[],
  input: InputFlags,
  paths: OutputPaths,
): Promise<CaseTargets> {
  const read = input.data === undefined ? imageFiles(input.image) : await filesOfDataset(input.data);
  return targetsOf(paths, [...runs.flatMap(filesOfRun), ...read], false);
}

/** Rejects a folder that holds files of the data set: a mask could replace an image. */
async function refuseFolderOfData(folder: string, { dir, cases, unlabelled }: Dataset): Promise<void> {
  const real = async (place: string): Promise<string> => realpath(place).catch(() => path.resolve(place));
  const files = [...cases, ...unlabelled].flatMap(({ images, label }) => [...images, label ?? images[0]!]);
  const folders = new Set([dir, ...files.map((file) => path.dirname(file))]);
  const own = await real(folder);
  for (const each of folders) {
    if ((await real(each)) !== own) continue;
    const message = `\`${folder}\` holds files of the data set, so masks cannot be written there.`;
    throw new UserError('UNET6150', message, 'Choose another folder.');
  }
}

/**
 * The files of each case in the folders of a prediction, named after the case.
 * @throws UserError UNET6150 to 6154
 */
export async function folderTargets(
  dataset: Dataset,
  ids: readonly string[],
  paths: OutputPaths,
): Promise<ReadonlyMap<string, CaseTargets>> {
  for (const { path: folder } of outputsOf(paths)) await refuseFolderOfData(folder, dataset);
  const { output, probabilities, picture, force } = paths;
  const targets = new Map<string, CaseTargets>();
  for (const id of ids) {
    const own = {
      output: path.join(output, `${id}.nii.gz`),
      ...(probabilities === undefined ? {} : { probabilities: path.join(probabilities, `${id}.nii.gz`) }),
      ...(picture === undefined ? {} : { picture: path.join(picture, `${id}.png`) }),
      force,
    };
    targets.set(id, await targetsOf(own, [], true));
  }
  return targets;
}
