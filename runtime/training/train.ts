import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Batch, Loader } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import { isPresent } from '../files/file-error.js';
import { makeFolder } from '../files/make-folder.js';
import type { Protocol } from '../../contract/protocol.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { appendJsonLine, cutMetrics } from './metrics-log.js';
import { runPaths } from './run-paths.js';
import {
  emptySums,
  encodeCheckpoint,
  newProgress,
  readCheckpoint,
  restoreCheckpoint,
  type Progress,
} from './checkpoint.js';
import type { MetricsLine, TrainingEvent, ValidationScore } from './events.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { Accumulator } from './accumulate.js';
import { WeightAverage } from './average.js';
import { createOptimizer, type Optimizer } from './optimizer.js';
import { learningRate } from './schedule.js';
import { trainStep, type StepResult } from './step.js';

export interface TrainOptions {
  readonly network: TrainableNetwork;
  readonly protocol: Protocol;
  readonly loader: Loader;
  /** Random seed; the same as the loader's. */
  readonly seed: number;
  /** The run folder, locked by this process. */
  readonly directory: string;
  /**
   * Resumes from `checkpoints/last.safetensors`; starts from the beginning if the training was killed before the first
   * checkpoint.
   */
  readonly resume: boolean;
  /**
   * Scores the current network on the validation cases; absent if there are none. Returns undefined if the signal
   * stopped it.
   */
  readonly validate?: (signal: AbortSignal | undefined) => Promise<ValidationScore | undefined>;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** Stops the training after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Maximum time between two checkpoints in minutes; defaults to 10. */
  readonly checkpointMinutes?: number;
}

export interface TrainOutcome {
  readonly status: 'done' | 'interrupted';
  /** The number of completed steps. */
  readonly step: number;
  /** Best mean validation Dice; null without validation, or if the protocol does not select by it. */
  readonly best: number | null;
}

/** The state that a training carries from step to step. */
interface Session {
  readonly options: TrainOptions;
  readonly optimizer: Optimizer;
  readonly average: WeightAverage | undefined;
  /** Absent if every step has one batch. */
  readonly accumulator: Accumulator | undefined;
  readonly stepsPerEpoch: number;
  readonly progress: Progress;
  readonly total: number;
  readonly startedAt: number;
  readonly startedStep: number;
  savedAt: number;
  /** Step of the last checkpoint written or read; undefined before the first. */
  savedStep: number | undefined;
}

/** The number of steps of an epoch; the last one averages the gradients of the batches that are left. */
function stepsOfEpoch({ accumulate }: Pick<Protocol, 'accumulate'>, batchesPerEpoch: number): number {
  return Math.ceil(batchesPerEpoch / accumulate);
}

/** The numbers of the batches of a step, from 0. */
export function batchesOfStep(
  protocol: Pick<Protocol, 'accumulate'>,
  batchesPerEpoch: number,
  step: number,
): readonly number[] {
  const { accumulate } = protocol;
  const steps = stepsOfEpoch(protocol, batchesPerEpoch);
  const within = (step % steps) * accumulate;
  const count = Math.min(accumulate, batchesPerEpoch - within);
  const first = Math.floor(step / steps) * batchesPerEpoch + within;
  return Array.from({ length: count }, (_, index) => first + index);
}

/**
 * The number of steps of the whole training: that of its epochs (each a pass over the training cases), or the one in
 * the protocol.
 */
export function totalSteps(protocol: Pick<Protocol, 'length' | 'accumulate'>, batchesPerEpoch: number): number {
  const stepsPerEpoch = stepsOfEpoch(protocol, batchesPerEpoch);
  return protocol.length.kind === 'epochs' ? protocol.length.epochs * stepsPerEpoch : protocol.length.steps;
}

/** The number of batches of the whole training. */
export function totalBatches(protocol: Pick<Protocol, 'length' | 'accumulate'>, batchesPerEpoch: number): number {
  const steps = totalSteps(protocol, batchesPerEpoch);
  return batchesOfStep(protocol, batchesPerEpoch, steps - 1).at(-1)! + 1;
}

function memoryMiB(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

function emit(session: Session, event: TrainingEvent): void {
  session.options.onEvent?.(event);
}

function epochOf(session: Session): number {
  return Math.ceil(session.progress.step / session.stepsPerEpoch);
}

async function start(options: TrainOptions): Promise<Session> {
  const paths = runPaths(options.directory);
  await makeFolder(paths.checkpoints);
  const { network, protocol, loader } = options;
  const optimizer = createOptimizer(protocol.optimizer);
  const average = protocol.average === null ? undefined : new WeightAverage(network, protocol.average.decay);
  const accumulator = protocol.accumulate === 1 ? undefined : new Accumulator(network, optimizer, average);
  const checkpoint = options.resume && isPresent(paths.last) ? await readCheckpoint(paths.last) : undefined;
  if (options.resume && checkpoint === undefined) options.onEvent?.({ kind: 'no checkpoint' });
  const progress =
    checkpoint === undefined ? newProgress() : restoreCheckpoint(checkpoint, network, optimizer, average);
  await cutMetrics(paths.metrics, progress.metricsBytes);
  return {
    options,
    optimizer,
    average,
    accumulator,
    progress,
    stepsPerEpoch: stepsOfEpoch(protocol, loader.batchesPerEpoch),
    total: totalSteps(protocol, loader.batchesPerEpoch),
    startedAt: performance.now(),
    startedStep: progress.step,
    savedAt: performance.now(),
    savedStep: checkpoint?.progress.step,
  };
}

async function save(session: Session, isBest = false): Promise<void> {
  const { last, best } = runPaths(session.options.directory);
  const { options, optimizer, progress, average } = session;
  const bytes = await encodeCheckpoint(options.network, optimizer, progress, average);
  for (const file of isBest ? [best, last] : [last]) {
    await writeFileAtomic(file, bytes);
    emit(session, { kind: 'checkpoint', step: session.progress.step, file });
  }
  session.savedAt = performance.now();
  session.savedStep = session.progress.step;
}

function notFinite(session: Session, result: StepResult): UserError {
  const { progress, savedStep, options } = session;
  const last = path.relative(process.cwd(), runPaths(options.directory).last);
  const what = Number.isFinite(result.loss) ? 'The gradient' : 'The loss';
  return new UserError(
    'UNET6050',
    `${what} is not finite at step ${progress.step + 1}${savedStep === undefined ? ', before the first checkpoint' : `; the last good checkpoint is \`${last}\` (step ${savedStep})`}.`,
    'Start again with a lower learning rate or a smaller gradient-norm clip, and look for NaN in the data with `unet data check`.',
  );
}

function addToSums(progress: Progress, result: StepResult, seconds: number, waited: number): void {
  const { sums } = progress;
  sums.steps++;
  sums.loss += result.loss;
  sums.gradientNorm += result.gradientNorm;
  for (const [name, value] of Object.entries(result.terms)) sums.terms[name] = (sums.terms[name] ?? 0) + value;
  sums.seconds += seconds;
  sums.waitedSeconds += waited;
}

function secondsLeft(session: Session): number | undefined {
  const done = session.progress.step - session.startedStep;
  if (done < 2) return undefined;
  const rate = (performance.now() - session.startedAt) / 1000 / done;
  return rate * (session.total - session.progress.step);
}

/** Returns a batch of the next step. An invalid case may be found after hours: the training so far is saved. */
async function nextBatch(session: Session, number: number): Promise<Batch> {
  const { options, progress, savedStep } = session;
  try {
    return await options.loader.batch(number);
  } catch (error) {
    // The first error matters; a second one (such as a full disk) must not hide it.
    if (progress.step > 0 && savedStep !== progress.step) await save(session).catch(() => undefined);
    throw error;
  }
}

async function computeStep(session: Session, lr: number): Promise<StepResult> {
  const { options, progress, optimizer, average, accumulator } = session;
  const { network, protocol, loader, seed } = options;
  const numbers = batchesOfStep(protocol, loader.batchesPerEpoch, progress.step);
  if (accumulator === undefined) {
    const batch = await nextBatch(session, numbers[0]!);
    return trainStep(network, optimizer, batch, protocol, lr, { seed, step: progress.step }, average);
  }
  const batches: Batch[] = [];
  for (const number of numbers) batches.push(await nextBatch(session, number));
  return accumulator.step(batches, protocol, lr, seed);
}

async function oneStep(session: Session): Promise<void> {
  const { options, progress, total } = session;
  const { protocol, loader } = options;
  const begun = performance.now();
  const waitedBefore = loader.waitedMs;
  const lr = learningRate(protocol, progress.step, total, session.stepsPerEpoch);
  const result = await computeStep(session, lr);
  if (!result.updated) throw notFinite(session, result);
  const seconds = (performance.now() - begun) / 1000;
  addToSums(progress, result, seconds, (loader.waitedMs - waitedBefore) / 1000);
  progress.step++;
  emit(session, {
    kind: 'step',
    step: progress.step,
    total,
    epoch: epochOf(session),
    epochs: Math.ceil(total / session.stepsPerEpoch),
    lr,
    loss: result.loss,
    gradientNorm: result.gradientNorm,
    seconds,
    secondsLeft: secondsLeft(session),
    memory: memoryMiB(),
  });
}

function epochIsOver({ progress, stepsPerEpoch, total }: Session): boolean {
  return progress.sums.steps > 0 && (progress.step % stepsPerEpoch === 0 || progress.step === total);
}

function validationIsDue(session: Session): boolean {
  const { options, progress, total } = session;
  const { every } = options.protocol.validate;
  if (options.validate === undefined || every === null) return false;
  return progress.step === total || epochOf(session) % every === 0;
}

function metricsLine(session: Session, validation: ValidationScore | undefined): MetricsLine {
  const { sums, step } = session.progress;
  const terms = Object.fromEntries(Object.entries(sums.terms).map(([name, sum]) => [name, sum / sums.steps]));
  return {
    epoch: epochOf(session),
    step,
    lr: learningRate(session.options.protocol, step - 1, session.total, session.stepsPerEpoch),
    loss: sums.loss / sums.steps,
    terms,
    gradientNorm: sums.gradientNorm / sums.steps,
    ...(validation === undefined ? {} : { validation }),
    seconds: sums.seconds,
    waitedSeconds: sums.waitedSeconds,
    memory: memoryMiB(),
  };
}

/** @returns undefined if the signal stopped it */
async function validateEpoch(session: Session): Promise<{ score: ValidationScore; isBest: boolean } | undefined> {
  const { options, progress } = session;
  // Validation may take long: a kill during it must not lose the epoch.
  await save(session);
  const at = { step: progress.step, epoch: epochOf(session) };
  emit(session, { kind: 'validating', ...at });
  const validate = (): Promise<ValidationScore | undefined> => options.validate!(options.signal);
  const score = await (session.average?.during(validate) ?? validate());
  if (score === undefined) return undefined;
  // If nothing is selected, a best checkpoint would be an undeclared choice; in a study, one by test cases.
  const isSelecting = options.protocol.select.kind === 'best';
  const isBest = isSelecting && score.mean !== null && (progress.best === null || score.mean > progress.best);
  emit(session, { kind: 'validation', ...at, score, best: isBest });
  return { score, isBest };
}

/**
 * Validates if due, writes the epoch's line, then the checkpoint that includes the line: after a kill between the two,
 * the next session removes the line and writes it again.
 * @returns whether it was completed rather than stopped by the signal
 */
async function finishEpoch(session: Session): Promise<boolean> {
  const { progress, options } = session;
  const validated = validationIsDue(session) ? await validateEpoch(session) : undefined;
  if (validated === undefined && validationIsDue(session)) return false;
  const line = metricsLine(session, validated?.score);
  const isBest = validated?.isBest === true;
  progress.metricsBytes = await appendJsonLine(runPaths(options.directory).metrics, line);
  if (isBest) progress.best = validated.score.mean;
  progress.sums = emptySums();
  await save(session, isBest);
  emit(session, { kind: 'epoch', line });
  return true;
}

async function runSteps(session: Session): Promise<TrainOutcome['status']> {
  const { options, progress } = session;
  const interval = (options.checkpointMinutes ?? 10) * 60_000;
  for (;;) {
    if (epochIsOver(session)) {
      if (!(await finishEpoch(session))) return 'interrupted';
    } else if (progress.step >= session.total) {
      return 'done';
    } else if (options.signal?.aborted === true) {
      if (session.savedStep !== progress.step) await save(session);
      return 'interrupted';
    } else {
      // Engines that compute in this thread never yield to signals and workers.
      await setImmediate();
      await oneStep(session);
      if (performance.now() - session.savedAt > interval) await save(session);
    }
  }
}

/**
 * Trains a network in a run folder. `metrics.jsonl` gets a line per epoch; `checkpoints/` gets the state after every
 * epoch and at least every `checkpointMinutes`, and the best by validation if the protocol selects it.
 *
 * Every random choice is keyed by seed and step, so a training that was interrupted or killed and then resumed with
 * `resume` ends with bit-identical weights and the same metrics as an uninterrupted one on the same engine.
 * @throws UserError UNET6050 (loss not finite), UNET6058 (cannot write), UNET6059 and UNET6063 (checkpoint cannot be
 * used), and the loader's errors
 */
export async function train(options: TrainOptions): Promise<TrainOutcome> {
  const session = await start(options);
  try {
    const status = await runSteps(session);
    emit(session, { kind: 'done', status, step: session.progress.step });
    return { status, step: session.progress.step, best: session.progress.best };
  } finally {
    session.accumulator?.dispose();
    session.average?.dispose();
    session.optimizer.dispose();
  }
}
