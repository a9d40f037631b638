import { defaultCacheDirectory, openPrepared } from '../data/cache.js';
import { voxelCautions } from '../data/cautions/cautions.js';
import { findCase } from '../data/dataset.js';
import { keepsGrid } from '../data/grid-plan.js';
import { loadCase } from '../data/load-case.js';
import { casesOfStep, createLoader } from '../data/loader.js';
import type { Dataset, Split } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import { evaluateOverlap, type OverlapRow } from '../metrics/evaluate.js';
import type { TrainingEvent, ValidationScore } from '../training/events.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { totalBatches, train, type TrainOutcome } from '../training/train.js';
import { validationScore } from '../training/validation.js';
import type { ModelModule } from './load-module.js';
import { matchRun, type RunMatch } from './match-run.js';
import { buildNetwork } from './open-network.js';
import { casePredictor, identifiersOf, type CasePredictor } from './predict-case.js';
import { requireCheckpoint } from './require-checkpoint.js';
import { addCautions, setStatus, type Run } from './run-folder.js';
import type { RunStatus } from './run-info.js';
import { runSubject } from './run-subject.js';

export interface TrainRunOptions {
  /** Opened and locked by the caller. */
  readonly run: Run;
  /** Generated from the run's sealed spec. */
  readonly module: ModelModule;
  readonly dataset: Dataset;
  /** Resumes from the run's last checkpoint (an imported run has one, too). */
  readonly resume: boolean;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly signal?: AbortSignal;
  readonly checkpointMinutes?: number;
  /** See `LoaderOptions`. */
  readonly workers?: number;
  readonly cacheDirectory?: string;
}

interface Sources extends RunMatch {
  readonly run: Run;
  readonly dataset: Dataset;
  readonly network: TrainableNetwork;
  /** Folder of prepared cases: validation reads its cases from there like the loader, decoded once. */
  readonly cacheDirectory: string;
}

async function validateCase(
  { dataset, matching, identification, preparation, cacheDirectory }: Sources,
  predict: CasePredictor,
  id: string,
  signal: AbortSignal | undefined,
): Promise<readonly OverlapRow[]> {
  const loaded = await loadCase(dataset, id, matching, preparation, cacheDirectory);
  const [first] = await predict(loaded, identifiersOf(identification, id), { signal });
  const { labels: prediction, output } = first!;
  return evaluateOverlap({ case: id, prediction, truth: loaded.label!, output });
}

/**
 * Validates the network's first output.
 * @returns undefined if the signal stopped it
 */
async function validateAll(sources: Sources, signal: AbortSignal | undefined): Promise<ValidationScore | undefined> {
  const { run, network } = sources;
  const predict = casePredictor(run, network);
  const rows: OverlapRow[] = [];
  try {
    for (const id of run.split.validation) rows.push(...(await validateCase(sources, predict, id, signal)));
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) return undefined;
    throw error;
  }
  return validationScore(rows);
}

function sourcesOf({ run, module, dataset, cacheDirectory }: TrainRunOptions): Sources {
  const network = buildNetwork(run, module);
  const cases = cacheDirectory ?? defaultCacheDirectory();
  return { run, dataset, network, cacheDirectory: cases, ...matchRun(run, network.description, dataset) };
}

/** The cases that a training reads: those of its steps, and those for validation. */
function casesRead({ protocol, split, info }: Run): Split {
  const ids = [...split.train].sort();
  const batchesPerEpoch = Math.ceil(ids.length / protocol.batch);
  const batches = Math.min(batchesPerEpoch, totalBatches(protocol, batchesPerEpoch));
  const used = Array.from({ length: batches }, (_, step) => casesOfStep(ids, protocol.batch, info.seed, step)).flat();
  return { train: used.sort(), validation: protocol.validate.every === null ? [] : split.validation };
}

/**
 * Decodes the cases of a training that have not been prepared before, so that invalid voxels are found before the first
 * step, and records cautions about the voxels.
 * @returns the run with its cautions
 */
async function prepareData(
  { onEvent, signal, run }: TrainRunOptions,
  { dataset, network, preparation, cacheDirectory }: Sources,
): Promise<Run> {
  const { train, validation } = casesRead(run);
  const ids = [...train, ...validation];
  for (const [index, id] of ids.entries()) {
    if (signal?.aborted === true) return run;
    onEvent?.({ kind: 'preparing', done: index, total: ids.length, id });
    const each = findCase(dataset, id);
    await openPrepared(cacheDirectory, dataset, each);
    if (!keepsGrid(preparation)) await openPrepared(cacheDirectory, dataset, each, preparation);
  }
  onEvent?.({ kind: 'preparing', done: ids.length, total: ids.length, id: '' });
  const use = { use: 'train', dataset, train: run.split.train, applied: validation } as const;
  const cautions = voxelCautions(await runSubject(run, network.description, use, cacheDirectory));
  for (const caution of cautions) onEvent?.({ kind: 'caution', caution });
  return addCautions(run, cautions);
}

async function trainSources(options: TrainRunOptions, sources: Sources): Promise<TrainOutcome> {
  const { run, dataset } = options;
  const { protocol, split, info, directory } = run;
  const { network, matching, identification, preparation, cacheDirectory } = sources;
  const loader = await createLoader({
    dataset,
    description: network.description,
    matching,
    protocol: { ...protocol, ...preparation },
    seed: info.seed,
    cases: split.train,
    identification,
    endStep: totalBatches(protocol, Math.ceil(split.train.length / protocol.batch)),
    cacheDirectory,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  });
  const { resume, onEvent, signal, checkpointMinutes } = options;
  try {
    return await train({
      network,
      protocol,
      loader,
      seed: info.seed,
      directory,
      resume,
      signal,
      ...(split.validation.length === 0 ? {} : { validate: (ends) => validateAll(sources, ends) }),
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(checkpointMinutes === undefined ? {} : { checkpointMinutes }),
    });
  } finally {
    await loader.close();
  }
}

/**
 * Trains the network of a run on its training cases and validates it by sliding window on the others, as the run's
 * protocol specifies. Updates the run's status and adds cautions about voxels.
 * @throws UserError UNET6067 (its checkpoint is lost), as `train`, and errors of data sets and loader, with case and
 * file
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainOutcome> {
  if (options.resume) await requireCheckpoint(options.run);
  const sources = sourcesOf(options);
  const { status: former } = options.run.info;
  let running = await setStatus(options.run, 'running');
  let hasStepped = false;
  const onEvent = (event: TrainingEvent): void => {
    hasStepped ||= event.kind === 'step';
    options.onEvent?.(event);
  };
  try {
    running = await prepareData({ ...options, run: running }, sources);
    const outcome = await trainSources({ ...options, onEvent }, sources);
    await setStatus(running, outcome.status);
    return outcome;
  } catch (error) {
    // The first error matters; a second one (such as a full disk) must not hide it.
    await setStatus(running, statusAfter(error, hasStepped ? 'running' : former)).catch(() => undefined);
    throw error;
  }
}

/** The status of a run after an error. A finished run that could not be resumed stays finished. */
function statusAfter(error: unknown, status: RunStatus): RunStatus {
  if (error instanceof UserError && error.code === 'UNET6050') return 'diverged';
  return status === 'running' || status === 'created' ? 'interrupted' : status;
}
