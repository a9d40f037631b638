import { openDataset } from '../../runtime/data/dataset.js';
import { identifierInputs, identifyCases } from '../../runtime/data/identify.js';
import { loadCase, loadImageFile } from '../../runtime/data/load-case.js';
import { matchInputs } from '../../runtime/data/match.js';
import { writeNifti } from '../../runtime/data/nifti-write.js';
import type { LabelTensor, LoadedCase } from '../../runtime/data/types.js';
import { UsageError } from '../exit.js';
import { casePredictor, identifiersOf, predictCase } from '../predict-case.js';
import { writePicture } from '../picture.js';
import { progressBar } from '../progress.js';
import { openTrainedRun, type OpenedRun } from '../session.js';

/** Its flags. */
export interface PredictFlags {
  readonly data?: string;
  readonly case?: string;
  readonly image?: string;
  readonly identifier: string[];
  readonly out: string;
  readonly probabilities?: string;
  readonly picture?: string;
  readonly engine: string;
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
  if (!/\.nii(\.gz)?$/.test(flags.out)) throw new UsageError(`The mask \`${flags.out}\` must end in .nii.gz or .nii.`);
  const opened = await openTrainedRun(directory, flags.engine);
  const subject =
    flags.image === undefined ? await fromDataset(opened, flags) : await fromFile(opened, flags.image, flags);
  const { run, network } = opened;
  const bar = progressBar('windows');
  const predicted = await predictCase(run, network, casePredictor(run, network), subject.loaded, subject.identifiers, {
    onProgress: (done, total) => bar.update(done, total, ''),
  }).finally(() => bar.stop());
  const [first] = predicted;
  if (first === undefined) throw new Error('the network has no output');
  const { geometry } = subject.loaded;
  await writeNifti(flags.out, backToData(first.labels, subject.values).data, geometry);
  process.stdout.write(`${flags.out}\n`);
  if (flags.probabilities !== undefined) {
    const { data, shape } = first.probabilities;
    await writeNifti(flags.probabilities, data, geometry, shape[0]);
    process.stdout.write(`${flags.probabilities}\n`);
  }
  if (flags.picture !== undefined) {
    await writePicture({ loaded: subject.loaded, prediction: first, title: subject.loaded.id }, flags.picture);
    process.stdout.write(`${flags.picture}\n`);
  }
}

async function fromDataset({ run, network }: OpenedRun, flags: PredictFlags): Promise<Subject> {
  const dataset = await openDataset(flags.data ?? '');
  const matching = matchInputs(dataset, network.description);
  const known = Object.fromEntries(Object.entries(run.info.identifiers).map(([input, { names }]) => [input, names]));
  const identification = identifyCases(dataset, network.description, run.protocol.identify, known);
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
