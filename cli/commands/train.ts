import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import { headerCautions, type Caution } from '../../runtime/data/cautions/cautions.js';
import { openDataset } from '../../runtime/data/dataset.js';
import type { Dataset } from '../../runtime/data/types.js';
import type { Engine } from '../../runtime/engine/engines.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { lockRun, type RunLock } from '../../runtime/run/lock.js';
import { readMetrics } from '../../runtime/training/metrics-log.js';
import { addCautions, openRun, type Run } from '../../runtime/run/run-folder.js';
import { runPaths } from '../../runtime/training/run-paths.js';
import { runSubject } from '../../runtime/run/run-subject.js';
import { trainRun } from '../../runtime/run/train-run.js';
import { findStatement } from '../../compiler/program/program.js';
import { applyCautions } from '../cautions.js';
import { startEngine } from '../engine.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import { tellMessage } from '../message.js';
import { quoted, tellNext } from '../next-steps.js';
import { newRun, type NewRunFlags } from '../new-run.js';
import { printResult, type ResultFlags } from '../result.js';
import { flagsUnlike } from '../resume-flags.js';
import { moduleOf, networkOfRun } from '../run-network.js';
import signals from '../signals.cjs';
import { openSpec, readPlace } from '../spec.js';
import { trainingDisplay, type TrainingDisplay } from '../training-display.js';
import { tell } from '../terminal.js';

export interface TrainFlags extends NewRunFlags, ResultFlags {
  readonly resume?: boolean;
}

/** `unet train FILE --data DIR -o DIR`: trains a new run, or resumes one with `--resume`. After Ctrl-C, it can be resumed. */
export async function train(file: string, flags: TrainFlags): Promise<void> {
  const run = await trainInFolder(file, flags);
  // Read again, because cautions were added during training.
  printResult(flags, await trainingResult(await openRun(run.directory)), `${flags.output}\n`);
  tellNext([`unet evaluate ${quoted(flags.output)} --data ${quoted(flags.data)}`]);
}

/** Summarises a trained run; `metrics` is the last line of its metrics. */
async function trainingResult({ directory, info }: Run): Promise<object> {
  const { model, knobs, seed, fold, patch, engine, cautions } = info;
  const metrics = (await readMetrics(runPaths(directory).metrics)).at(-1) ?? null;
  return { run: directory, model, knobs, seed, fold, patch, engine, metrics, cautions };
}

/** Creates or reopens the run folder and trains in it; exits with 130 after Ctrl-C. */
async function trainInFolder(file: string, flags: TrainFlags): Promise<Run> {
  const dataset = await openDataset(flags.data);
  const { run, lock } = flags.resume === true ? await reopen(file, flags, dataset) : await newRun(file, flags, dataset);
  try {
    const status = await trainToEnd(run, dataset, flags);
    if (status === 'interrupted') throw new Finished(exitCodes.interrupted);
    return run;
  } catch (error) {
    throw withResume(error);
  } finally {
    lock.release();
  }
}

async function reopen(file: string, flags: TrainFlags, dataset: Dataset): Promise<{ run: Run; lock: RunLock }> {
  const run = await openRun(flags.output);
  const [unlike] = flagsUnlike(flags, run);
  if (unlike !== undefined) {
    throw new UsageError(
      `\`${unlike}\` differs from the value that the run was created with, so the run cannot be resumed with it.`,
      'Omit the option, or create a new run.',
    );
  }
  refuseOtherModel(file, flags, run);
  const cautions = await resumeCautions(run, dataset, flags);
  const lock = await lockRun(run.directory);
  return { run: await addCautions(run, cautions), lock };
}

/** Checks the data set again, which may have changed since the run was created, or may be a different one. */
async function resumeCautions(run: Run, dataset: Dataset, flags: TrainFlags): Promise<Caution[]> {
  const { description } = await moduleOf(networkOfRun(run));
  const use = { use: 'train', dataset, train: run.split.train, applied: run.split.validation } as const;
  const subject = await runSubject(run, description, use, defaultCacheDirectory());
  return applyCautions(await headerCautions(subject), flags);
}

/** Rejects a spec that does not declare the model of the run. A resumed run uses its own copy of the spec. */
function refuseOtherModel(file: string, flags: TrainFlags, { info }: Run): void {
  const { path, model } = readPlace(file, flags.model);
  const found = findStatement(openSpec(path), info.model);
  const named = model === undefined || model === info.model;
  if (named && (found?.kind === 'Model' || found?.kind === 'Variant')) return;
  const other = named ? `\`${path}\` does not declare that model` : `the command selects \`${model}\``;
  throw new UsageError(`The run \`${flags.output}\` trains \`${info.model}\`, but ${other}.`);
}

/** Starts the engine of a run, or another one if it is not available. */
async function engineOf(run: Run, flags: TrainFlags): Promise<Engine> {
  const ofRun = { ...flags, engine: run.info.engine };
  const engine =
    flags.engine === 'auto' ? await startEngine(ofRun).catch(() => startEngine(flags)) : await startEngine(flags);
  if (engine.name !== run.info.engine) {
    const text = `The run was started on ${run.info.engine}. It resumes on ${engine.name}, but its results will not be bit-identical.`;
    tellMessage({ severity: 'warning', text });
  }
  return engine;
}

/** Trains a run until it finishes or a signal stops it; a second Ctrl-C exits immediately. */
async function trainToEnd(run: Run, dataset: Dataset, flags: TrainFlags): Promise<'done' | 'interrupted'> {
  const controller = new AbortController();
  let say = (line: string): void => tell(`${line}\n`);
  const stopListening = signals.onEndingSignal((signal) => {
    controller.abort();
    say(`Stopping after this step (${signal}). Press Ctrl-C again to stop immediately.`);
  });
  let display: TrainingDisplay | undefined;
  try {
    const engine = await engineOf(run, flags);
    const shown = (display = trainingDisplay(run, engine));
    say = (line) => shown.say(line);
    const { status } = await trainRun({
      run,
      module: await moduleOf(networkOfRun(run)),
      dataset,
      resume: flags.resume === true,
      onEvent: (event) => shown.show(event),
      signal: controller.signal,
    });
    return status;
  } finally {
    display?.stop();
    stopListening();
  }
}

/** Data errors (UNET6001 to 6029) that only voxels reveal occur during training; the run can still be resumed. */
function withResume(error: unknown): unknown {
  if (!(error instanceof UserError) || !/^UNET60[0-2]/.test(error.code)) return error;
  const help = error.help === undefined ? '' : `${error.help} `;
  return new UserError(
    error.code,
    error.message,
    `${help}The run was kept; fix the problem and resume it with --resume.`,
  );
}
