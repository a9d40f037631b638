import { openDataset } from '../../runtime/data/dataset.js';
import { identifierInputs } from '../../runtime/data/identify.js';
import { loadCase, loadImageFile } from '../../runtime/data/load-case.js';
import { writeNifti } from '../../runtime/data/nifti-write.js';
import type { LabelTensor, LoadedCase } from '../../runtime/data/types.js';
import { prepareOutputs, type Output } from '../../runtime/files/output.js';
import { matchRun } from '../../runtime/run/match-run.js';
import { casePredictor, identifiersOf, type CasePrediction } from '../../runtime/run/predict-case.js';
import type { EngineFlags } from '../engine.js';
import { UsageError } from '../exit.js';
import { filesOfDataset, filesOfRun, type OutputFlags } from '../inputs.js';
import { writePicture } from '../../runtime/pictures/case-picture.js';
import { progressBar } from '../progress.js';
import { tellResult, type ResultFlags } from '../result.js';
import { openTrainedRun, type OpenedRun } from '../session.js';

/** Its flags. */
export interface PredictFlags extends EngineFlags, ResultFlags, OutputFlags {
  readonly data?: string;
  readonly case?: string;
  readonly image?: string;
  readonly identifier: string[];
  readonly out: string;
  readonly probabilities?: string;
  readonly picture?: string;
}

/** What is to be predicted: the case, its identifiers, and how class values go back to the data set's. */
interface Subject {
  readonly loaded: LoadedCase;
  readonly identifiers: Readonly<Record<string, number>>;
  readonly values: Uint8Array | undefined;
}

/** `unet predict RUN (--data DIR --case ID | --image FILE) -o mask.nii.gz` */
export async function predict(directory: string, flags: PredictFlags): Promise<void> {
  const whole =
    flags.image !== undefined
      ? flags.data === undefined && flags.case === undefined
      : flags.data !== undefined && flags.case !== undefined;
  if (!whole) throw new UsageError('Give either --data and --case, or --image.');
  requireEnding('mask', flags.out, /\.nii(\.gz)?$/, '.nii.gz or .nii');
  requireEnding('file of probabilities', flags.probabilities, /\.nii(\.gz)?$/, '.nii.gz or .nii');
  requireEnding('picture', flags.picture, /\.png$/, '.png');
  const places = await placesOf(directory, flags);
  const opened = await openTrainedRun(directory, flags);
  const subject =
    flags.image === undefined ? await fromDataset(opened, flags) : await fromFile(opened, flags.image, flags);
  const prediction = await predictSubject(opened, subject);
  const written: string[] = [];
  for (const [path, write] of results(subject, prediction, flags)) {
    if (path === undefined) continue;
    await write(places.get(path) ?? path);
    written.push(path);
  }
  const { model } = opened.run.info;
  const found = { run: directory, model, case: subject.loaded.id, written, labels: volumesOf(subject, prediction) };
  tellResult(flags, found, written.map((path) => `${path}\n`).join(''));
}

/** Where each result is written, by the path the user gave. */
async function placesOf(directory: string, flags: PredictFlags): Promise<ReadonlyMap<string, string>> {
  const { out, probabilities, picture, data, image, force } = flags;
  const nifti = [out, probabilities].flatMap((path): Output[] =>
    path === undefined ? [] : [{ path, format: 'nifti' }],
  );
  const outputs: Output[] = [...nifti, ...(picture === undefined ? [] : [{ path: picture, format: 'png' as const }])];
  const read = data === undefined ? [image ?? ''] : await filesOfDataset(data);
  const places = await prepareOutputs(outputs, { inputs: [...filesOfRun(directory), ...read], force });
  return new Map(outputs.map(({ path }, index) => [path, places[index] ?? path]));
}

/** How much of a case has each label, in voxels of the mask. */
function volumesOf({ loaded }: Subject, { labels, output }: CasePrediction): object[] {
  const voxels = new Map<number, number>();
  for (const value of labels.data) voxels.set(value, (voxels.get(value) ?? 0) + 1);
  const size = loaded.geometry.spacing.reduce((volume, spacing) => volume * spacing, 1);
  return output.labels.map(({ name, values }, index) => {
    const own = values.length === 0 ? [index] : values;
    const count = own.reduce((sum, value) => sum + (voxels.get(value) ?? 0), 0);
    return { name, voxels: count, cubicMillimetres: count * size };
  });
}

function requireEnding(what: string, path: string | undefined, ending: RegExp, said: string): void {
  if (path !== undefined && !ending.test(path)) throw new UsageError(`The ${what} \`${path}\` must end in ${said}.`);
}

async function predictSubject({ run, network }: OpenedRun, subject: Subject): Promise<CasePrediction> {
  const predict = casePredictor(run, network);
  const bar = progressBar('windows');
  const onProgress = (done: number, total: number): void => bar.update(done, total, '');
  const [first] = await predict(subject.loaded, subject.identifiers, { onProgress }).finally(() => bar.stop());
  return first!;
}

/** The files that may be asked for, and how each is written. */
function results(
  { loaded, values }: Subject,
  prediction: CasePrediction,
  flags: PredictFlags,
): [string | undefined, (path: string) => Promise<void>][] {
  const { geometry, id } = loaded;
  const { labels, probabilities } = prediction;
  return [
    [flags.out, (path) => writeNifti(path, backToData(labels, values).data, geometry)],
    [flags.probabilities, (path) => writeNifti(path, probabilities.data, geometry, probabilities.shape[0])],
    [flags.picture, (path) => writePicture({ loaded, prediction, title: id }, path)],
  ];
}

async function fromDataset({ run, network }: OpenedRun, flags: PredictFlags): Promise<Subject> {
  const dataset = await openDataset(flags.data ?? '');
  const { matching, identification } = matchRun(run, network.description, dataset);
  const loaded = await loadCase(dataset, flags.case ?? '', matching, run.protocol.normalize);
  return { loaded, identifiers: identifiersOf(identification, loaded.id), values: matching.values };
}

async function fromFile({ run, network }: OpenedRun, image: string, flags: PredictFlags): Promise<Subject> {
  const loaded = await loadImageFile(image, network.description, run.protocol.normalize);
  const identifiers = Object.fromEntries(identifierInputs(network.description).map(({ name }) => [name, -1]));
  for (const text of flags.identifier) {
    const [input = '', value = ''] = text.split('=');
    const names = run.info.identifiers[input]?.names;
    if (names === undefined)
      throw new UsageError(`The network of \`${run.info.model}\` has no identifier \`${input}\`.`);
    const index = names.indexOf(value);
    if (index < 0)
      throw new UsageError(`The run knows no ${input} \`${value}\`.`, `it knows ${names.join(', ') || 'none'}`);
    identifiers[input] = index;
  }
  return { loaded, identifiers, values: undefined };
}

/** Class indices as the data set's label values, where a data set is there to say them. */
function backToData(labels: LabelTensor, values: Uint8Array | undefined): LabelTensor {
  return values === undefined
    ? labels
    : { data: labels.data.map((value) => values[value] ?? value), shape: labels.shape };
}
