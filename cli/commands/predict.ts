import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import {
  headerCautions,
  voxelCautions,
  warning,
  type Caution,
  type CautionSubject,
} from '../../runtime/data/cautions/cautions.js';
import { caseIdOf, openDataset } from '../../runtime/data/dataset.js';
import { imageDataset } from '../../runtime/data/image-dataset.js';
import { loadCase } from '../../runtime/data/load-case.js';
import { listNames } from '../../runtime/data/names.js';
import { writeNifti } from '../../runtime/data/nifti-write.js';
import type { Dataset, LabelTensor, LoadedCase } from '../../runtime/data/types.js';
import { prepareOutputs, type Output } from '../../runtime/files/output.js';
import { assumedData, CODE_ASSUMED } from '../../runtime/run/assumptions.js';
import { casePredictor, identifiersOf, type CasePrediction } from '../../runtime/run/predict-case.js';
import { runCautions } from '../../runtime/run/run-cautions.js';
import { runSubject } from '../../runtime/run/run-subject.js';
import { applyCautions } from '../cautions.js';
import type { EngineFlags } from '../engine.js';
import { UsageError } from '../exit.js';
import { giveIdentifiers } from '../given-identifiers.js';
import { filesOfDataset, filesOfRun, type OutputFlags } from '../inputs.js';
import { writePicture } from '../../runtime/pictures/case-picture.js';
import { progressBar } from '../progress.js';
import { printResult, type ResultFlags } from '../result.js';
import { openTrainedRun, type OpenedRun } from '../session.js';

/** Flags of the command. */
export interface PredictFlags extends EngineFlags, ResultFlags, OutputFlags {
  readonly data?: string;
  readonly case?: string;
  readonly image?: string;
  readonly identifier: string[];
  readonly output: string;
  readonly probabilities?: string;
  readonly picture?: string;
}

/** A case to segment, with its identifiers, and the mapping from class indices to the label values of the data set. */
interface Subject {
  readonly loaded: LoadedCase;
  readonly identifiers: Readonly<Record<string, number>>;
  readonly values: Uint8Array;
  readonly cautions: readonly Caution[];
}

/** `unet predict RUN (--data DIR --case ID | --image FILE) -o mask.nii.gz` */
export async function predict(directory: string, flags: PredictFlags): Promise<void> {
  const whole =
    flags.image !== undefined
      ? flags.data === undefined && flags.case === undefined
      : flags.data !== undefined && flags.case !== undefined;
  if (!whole) throw new UsageError('Expected either --data and --case, or --image.');
  requireEnding('mask', flags.output, /\.nii(\.gz)?$/, '.nii.gz or .nii');
  requireEnding('probability file', flags.probabilities, /\.nii(\.gz)?$/, '.nii.gz or .nii');
  requireEnding('picture', flags.picture, /\.png$/, '.png');
  if (flags.image === undefined && flags.identifier.length > 0) {
    throw new UsageError('--identifier requires --image; cases of a data set take their values from `cases.csv`.');
  }
  const places = await placesOf(directory, flags);
  const opened = await openTrainedRun(directory, flags);
  const subject = await openSubject(opened, flags);
  const prediction = await predictSubject(opened, subject);
  const written: string[] = [];
  for (const [path, write] of results(subject, prediction, flags)) {
    if (path === undefined) continue;
    await write(places.get(path) ?? path);
    written.push(path);
  }
  const { model } = opened.run.info;
  const { loaded, cautions } = subject;
  const found = { run: directory, model, case: loaded.id, written, labels: volumesOf(subject, prediction), cautions };
  printResult(flags, found, written.map((path) => `${path}\n`).join(''));
}

/** The location of each result by the path that the user gave. */
async function placesOf(directory: string, flags: PredictFlags): Promise<ReadonlyMap<string, string>> {
  const { output, probabilities, picture, data, image, force } = flags;
  const nifti = [output, probabilities].flatMap((path): Output[] =>
    path === undefined ? [] : [{ path, format: 'nifti' }],
  );
  const outputs: Output[] = [...nifti, ...(picture === undefined ? [] : [{ path: picture, format: 'png' as const }])];
  const read = data === undefined ? [image ?? ''] : await filesOfDataset(data);
  const places = await prepareOutputs(outputs, { inputs: [...filesOfRun(directory), ...read], force });
  return new Map(outputs.map(({ path }, index) => [path, places[index] ?? path]));
}

/** Computes the size of each label in voxels of the mask, in the order of the channels of the probabilities. */
function volumesOf({ loaded, values }: Subject, { labels, output }: CasePrediction): object[] {
  const voxels = new Map<number, number>();
  for (const value of labels.data) voxels.set(value, (voxels.get(value) ?? 0) + 1);
  const size = loaded.geometry.spacing.reduce((volume, spacing) => volume * spacing, 1);
  return output.labels.map(({ name, values: own }) => {
    const count = own.reduce((sum, value) => sum + (voxels.get(value) ?? 0), 0);
    const written = own.map((value) => values[value] ?? value);
    return { name, values: written, voxels: count, cubicMillimetres: count * size };
  });
}

function requireEnding(what: string, path: string | undefined, ending: RegExp, endings: string): void {
  if (path !== undefined && !ending.test(path)) throw new UsageError(`The ${what} \`${path}\` must end in ${endings}.`);
}

async function predictSubject({ run, network }: OpenedRun, subject: Subject): Promise<CasePrediction> {
  const predict = casePredictor(run, network);
  const bar = progressBar('windows');
  const onProgress = (done: number, total: number): void => bar.update(done, total, '');
  const [first] = await predict(subject.loaded, subject.identifiers, { onProgress }).finally(() => bar.stop());
  return first!;
}

/** The optional output files, and how each is written. */
function results(
  { loaded, values }: Subject,
  prediction: CasePrediction,
  flags: PredictFlags,
): [string | undefined, (path: string) => Promise<void>][] {
  const { geometry, id } = loaded;
  const { labels, probabilities } = prediction;
  return [
    [flags.output, (path) => writeNifti(path, backToData(labels, values).data, geometry)],
    [flags.probabilities, (path) => writeNifti(path, probabilities.data, geometry, probabilities.shape[0])],
    [flags.picture, (path) => writePicture({ loaded, prediction, title: id }, path)],
  ];
}

/** Opens the data set, or the single image as a data set, and selects the case. */
async function openCase({ run, network }: OpenedRun, flags: PredictFlags): Promise<{ dataset: Dataset; id: string }> {
  if (flags.image === undefined) return { dataset: await openDataset(flags.data ?? ''), id: flags.case ?? '' };
  const data = run.info.data ?? assumedData(network.description);
  return { dataset: imageDataset(flags.image, data), id: caseIdOf(flags.image) };
}

async function openSubject(opened: OpenedRun, flags: PredictFlags): Promise<Subject> {
  const { run, network } = opened;
  const { dataset, id } = await openCase(opened, flags);
  const use = { use: 'predict', dataset, applied: [id] } as const;
  const found = await runSubject(run, network.description, use, defaultCacheDirectory());
  const subject = { ...found, identification: giveIdentifiers(found.identification, run, id, flags.identifier) };
  const before = [...runCautions(run, 'predict'), ...assumedNames(opened, flags), ...(await headerCautions(subject))];
  const header = applyCautions(before, {});
  const loaded = await loadCase(dataset, id, subject.matching, run.protocol);
  const voxels = applyCautions(voxelCautions(withVoxels(subject, loaded)), {});
  return {
    loaded,
    identifiers: identifiersOf(subject.identification, id),
    values: subject.matching.values,
    cautions: [...header, ...voxels],
  };
}

function withVoxels(subject: CautionSubject, { voxels }: LoadedCase): CautionSubject {
  return { ...subject, applied: subject.applied.map((each) => ({ ...each, voxels })) };
}

/** Warns about a single image without channel names, or a run without label values. */
function assumedNames({ run, network }: OpenedRun, { image }: PredictFlags): Caution[] {
  if (image === undefined || run.info.data !== null) return [];
  const { channels, labels } = assumedData(network.description);
  const values = labels.map(({ name, value }) => `${value} \`${name}\``).join(', ');
  return [
    warning(
      CODE_ASSUMED,
      `The run does not contain channel names or label values. Assuming that \`${image}\` contains the channels ${listNames(channels)} in this order; the mask uses the values ${values}.`,
      'Use `--data` and `--case` with a data set, or import the weights with `--data`.',
    ),
  ];
}

/** Converts class indices to the label values of the data set. */
function backToData({ data, shape }: LabelTensor, values: Uint8Array): LabelTensor {
  return { data: data.map((value) => values[value] ?? value), shape };
}
