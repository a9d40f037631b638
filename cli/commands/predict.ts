import { dirname } from 'node:path';
import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import { readCaseFacts } from '../../runtime/data/case-facts.js';
import {
  headerCautions,
  voxelCautions,
  warning,
  type Caution,
  type CautionSubject,
} from '../../runtime/data/cautions/cautions.js';
import { loadCase } from '../../runtime/data/load-case.js';
import { listNames } from '../../runtime/data/names.js';
import { writeNifti } from '../../runtime/data/nifti-write.js';
import type { LabelTensor, LoadedCase } from '../../runtime/data/types.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { createFolders } from '../../runtime/files/make-folder.js';
import { writePicture } from '../../runtime/pictures/case-picture.js';
import { assumedData, CODE_ASSUMED } from '../../runtime/run/assumptions.js';
import { casePredictor, identifiersOf, type CasePrediction } from '../../runtime/run/predict-case.js';
import { runCautions } from '../../runtime/run/run-cautions.js';
import { runSubject } from '../../runtime/run/run-subject.js';
import { counted } from '../../text/count.js';
import { applyCautions } from '../cautions.js';
import type { EngineFlags } from '../engine.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import { giveIdentifiers } from '../given-identifiers.js';
import type { OutputFlags } from '../inputs.js';
import { tellMessage } from '../message.js';
import { openInput, type InputFlags, type PredictionInput } from '../predict/input.js';
import {
  checkOutputNames,
  fileTargets,
  folderTargets,
  wantsFolder,
  type CaseTargets,
  type OutputPaths,
} from '../predict/outputs.js';
import { withPredictionFlags, type PredictionFlags } from '../prediction-flags.js';
import { progressBar, type Progress } from '../progress.js';
import { printResult, type ResultFlags } from '../result.js';
import { openTrainedRun, type OpenedRun } from '../session.js';

/** Flags of the command. */
export interface PredictFlags extends EngineFlags, ResultFlags, OutputFlags, InputFlags, OutputPaths, PredictionFlags {
  readonly identifier: string[];
}

/** What was written for a case. */
interface CaseResult {
  readonly case: string;
  readonly written: readonly string[];
  readonly labels: readonly object[];
}

/** A case, or an entry of the data set, that could not be used. */
interface Failure {
  readonly case: string | null;
  readonly error: UserError;
}

/** The cases of a prediction that can be read, and what is known about them. */
interface Prediction {
  readonly opened: OpenedRun;
  readonly subject: CautionSubject;
  readonly targets: ReadonlyMap<string, CaseTargets>;
}

/** `unet predict RUN (--image FILE... | --data DIR --case ID) -o mask.nii.gz`, or `--data DIR -o MASKS/` for all cases. */
export async function predict(directory: string, flags: PredictFlags): Promise<void> {
  checkFlags(flags);
  const file = wantsFolder(flags) ? undefined : await fileTargets(directory, flags, flags);
  const trained = await openTrainedRun(directory, flags);
  const opened = { ...trained, run: withPredictionFlags(trained.run, flags) };
  const failures: Failure[] = [];
  const input = await openInput(opened, flags, (error) => failures.push({ case: null, error }));
  const targets =
    file === undefined ? await folderTargets(input.dataset, input.ids, flags) : new Map([[input.ids[0]!, file]]);
  const cautions = applyCautions(assumedNames(opened, flags), {});
  const ids = await readableCases(input, file === undefined, failures);
  const subject = await subjectOf(opened, { ...input, ids }, flags);
  cautions.push(...applyCautions(await headerCautions(subject), {}));
  const { results, voxels } = await predictCases({ opened, subject, targets }, file === undefined, failures);
  cautions.push(...applyCautions(voxelCautions(withVoxels(subject, voxels)), {}));
  report(directory, opened, { results, failures, cautions }, flags);
}

function checkFlags(flags: PredictFlags): void {
  const whole =
    flags.image.length > 0 ? flags.data === undefined && flags.case === undefined : flags.data !== undefined;
  if (!whole) throw new UsageError('Expected either --data, or --image.');
  checkOutputNames(flags, flags);
  if (flags.image.length === 0 && flags.identifier.length > 0) {
    throw new UsageError('--identifier requires --image; cases of a data set take their values from `cases.csv`.');
  }
}

/** Runs a step for a case; in a folder, an error in the user's data is kept, and the other cases are predicted. */
async function attempt<T>(id: string, keep: boolean, failures: Failure[], step: () => Promise<T>): Promise<T[]> {
  try {
    return [await step()];
  } catch (error) {
    if (!keep || !(error instanceof UserError)) throw error;
    failures.push({ case: id, error });
    return [];
  }
}

/** The cases whose headers can be read. */
async function readableCases({ dataset, ids }: PredictionInput, keep: boolean, failures: Failure[]): Promise<string[]> {
  const read: string[] = [];
  for (const id of ids) {
    const facts = await attempt(id, keep, failures, () => readCaseFacts(dataset, [id], defaultCacheDirectory()));
    if (facts.length > 0) read.push(id);
  }
  return read;
}

async function subjectOf(
  { run, network }: OpenedRun,
  { dataset, ids }: PredictionInput,
  flags: PredictFlags,
): Promise<CautionSubject> {
  const use = { use: 'predict', dataset, applied: ids } as const;
  const subject = await runSubject(run, network.description, use, defaultCacheDirectory());
  if (flags.identifier.length === 0) return subject;
  return { ...subject, identification: giveIdentifiers(subject.identification, run, ids[0]!, flags.identifier) };
}

/** Predicts one case after the other and writes its files; progress is shown by case, or by window for a single one. */
async function predictCases(
  prediction: Prediction,
  inFolder: boolean,
  failures: Failure[],
): Promise<{ results: CaseResult[]; voxels: ReadonlyMap<string, LoadedCase['voxels']> }> {
  const { opened, subject, targets } = prediction;
  const { run, network } = opened;
  const predictor = casePredictor(run, network);
  const voxels = new Map<string, LoadedCase['voxels']>();
  const results: CaseResult[] = [];
  const bar = progressBar(inFolder ? 'cases' : 'windows');
  const ids = subject.applied.map(({ id }) => id);
  try {
    for (const [index, id] of ids.entries()) {
      const found = await attempt(id, inFolder, failures, async () => {
        const loaded = await loadCase(subject.dataset, id, subject.matching, run.protocol);
        voxels.set(id, loaded.voxels);
        const onProgress = inFolder ? caseProgress(bar, index, ids) : windowProgress(bar);
        const [first] = await predictor(loaded, identifiersOf(subject.identification, id), { onProgress });
        return writeResults({ loaded, prediction: first!, values: subject.matching.values }, targets.get(id)!);
      });
      results.push(...found);
    }
  } finally {
    bar.stop();
  }
  return { results, voxels };
}

type OnWindow = (done: number, total: number) => void;

function windowProgress(bar: Progress): OnWindow {
  return (done, total) => bar.update(done, total, '');
}

function caseProgress(bar: Progress, index: number, ids: readonly string[]): OnWindow {
  return (done, total) => bar.update(index + done / total, ids.length, ids[index]!);
}

/** A predicted case, and the mapping from class indices to the label values of the data set. */
interface Predicted {
  readonly loaded: LoadedCase;
  readonly prediction: CasePrediction;
  readonly values: Uint8Array;
}

async function writeResults(predicted: Predicted, targets: CaseTargets): Promise<CaseResult> {
  const { loaded, prediction, values } = predicted;
  const { geometry, id } = loaded;
  const { labels, probabilities } = prediction;
  await writeNifti(targets.mask.place, backToData(labels, values).data, geometry);
  if (targets.probabilities !== undefined) {
    await writeNifti(targets.probabilities.place, probabilities.data, geometry, probabilities.shape[0]);
  }
  if (targets.picture !== undefined) {
    await createFolders(dirname(targets.picture.place));
    await writePicture({ loaded, prediction, title: id }, targets.picture.place);
  }
  const written = [targets.mask, targets.probabilities, targets.picture].flatMap((target) => target?.path ?? []);
  return { case: id, written, labels: volumesOf(predicted) };
}

/** Computes the size of each label in voxels of the mask, in the order of the channels of the probabilities. */
function volumesOf({ loaded, values, prediction: { labels, output } }: Predicted): object[] {
  const voxels = new Map<number, number>();
  for (const value of labels.data) voxels.set(value, (voxels.get(value) ?? 0) + 1);
  const size = loaded.geometry.spacing.reduce((volume, spacing) => volume * spacing, 1);
  return output.labels.map(({ name, values: own }) => {
    const count = own.reduce((sum, value) => sum + (voxels.get(value) ?? 0), 0);
    const written = own.map((value) => values[value] ?? value);
    return { name, values: written, voxels: count, cubicMillimetres: count * size };
  });
}

/** Adds the statistics of the cases that were predicted; the others are left out. */
function withVoxels(subject: CautionSubject, voxels: ReadonlyMap<string, LoadedCase['voxels']>): CautionSubject {
  const applied = subject.applied.flatMap((each) => {
    const own = voxels.get(each.id);
    return own === undefined ? [] : [{ ...each, voxels: own }];
  });
  return { ...subject, applied };
}

/** Warns about images without channel names, or a run without label values. */
function assumedNames({ run, network }: OpenedRun, { image }: PredictFlags): Caution[] {
  const unfinished = runCautions(run, 'predict');
  if (image.length === 0 || run.info.data !== null) return unfinished;
  const { channels, labels } = assumedData(network.description);
  const values = labels.map(({ name, value }) => `${value} \`${name}\``).join(', ');
  return [
    ...unfinished,
    warning(
      CODE_ASSUMED,
      `The run does not contain channel names or label values. Assuming that \`${image.join(', ')}\` contains the channels ${listNames(channels)} in this order; the mask uses the values ${values}.`,
      'Use `--data` and `--case` with a data set, or import the weights with `--data`.',
    ),
  ];
}

interface Outcome {
  readonly results: readonly CaseResult[];
  readonly failures: readonly Failure[];
  readonly cautions: readonly Caution[];
}

/** Prints the result; exits with 1 if a case could not be predicted. */
function report(directory: string, { run }: OpenedRun, outcome: Outcome, flags: PredictFlags): void {
  const { results, failures, cautions } = outcome;
  const { model } = run.info;
  const written = results.map((each) => each.written.map((path) => `${path}\n`).join('')).join('');
  if (!wantsFolder(flags)) return printResult(flags, { run: directory, model, ...results[0]!, cautions }, written);
  const failed = failures.map(({ case: id, error: { code, message, help } }) => ({ case: id, code, message, help }));
  printResult(flags, { run: directory, model, cases: results, failed, cautions }, written);
  for (const { code, message, help } of failed) tellMessage({ severity: 'error', code, text: message, help });
  if (failed.length === 0 && results.length > 0) return;
  const text =
    results.length + failed.length === 0
      ? `\`${flags.data}\` does not contain any cases.`
      : `${counted(failed.length, 'case')} could not be predicted; the masks of ${counted(results.length, 'other case')} were written.`;
  tellMessage({ severity: 'error', text });
  throw new Finished(exitCodes.diagnostics);
}

/** Converts class indices to the label values of the data set. */
function backToData({ data, shape }: LabelTensor, values: Uint8Array): LabelTensor {
  return { data: data.map((value) => values[value] ?? value), shape };
}
