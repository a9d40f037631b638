import { defaultCacheDirectory } from '../data/cache.js';
import { loadCase } from '../data/load-case.js';
import { createLoader } from '../data/loader.js';
import type { Dataset } from '../data/types.js';
import { evaluateOverlap, type OverlapRow } from '../metrics/evaluate.js';
import type { TrainingEvent, ValidationScore } from '../training/events.js';
import type { TrainableNetwork } from '../training/network.js';
import { totalSteps, train, type TrainOutcome } from '../training/train.js';
import { validationScore } from '../training/validation.js';
import { matchRun, type RunMatch } from './match-run.js';
import { buildNetwork } from './open-network.js';
import { casePredictor, identifiersOf, type CasePredictor } from './predict-case.js';
import { requireCheckpoint } from './require-checkpoint.js';
import { setStatus, type Run } from './run-folder.js';

export interface TrainRunOptions {
  /** Opened and locked by the caller. */
  readonly run: Run;
  readonly dataset: Dataset;
  /** Goes on from the run's last checkpoint (an imported run has one, too). */
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
  /** Of prepared cases: validation reads its cases from there as the loader does, decoded once. */
  readonly cacheDirectory: string;
}

async function validateCase(
  { run, dataset, matching, identification, cacheDirectory }: Sources,
  predict: CasePredictor,
  id: string,
  signal: AbortSignal | undefined,
): Promise<readonly OverlapRow[]> {
  const loaded = await loadCase(dataset, id, matching, run.protocol.normalize, cacheDirectory);
  const [first] = await predict(loaded, identifiersOf(identification, id), { signal });
  const { labels: prediction, output } = first!;
  return evaluateOverlap({ case: id, prediction, truth: loaded.label!, output });
}

/** Over the network's first output. @returns undefined where the signal ended it */
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

async function sourcesOf({ run, dataset, cacheDirectory }: TrainRunOptions): Promise<Sources> {
  const network = await buildNetwork(run);
  const cases = cacheDirectory ?? defaultCacheDirectory();
  return { run, dataset, network, cacheDirectory: cases, ...matchRun(run, network.description, dataset) };
}

async function trainSources(options: TrainRunOptions, sources: Sources): Promise<TrainOutcome> {
  const { run, dataset } = options;
  const { protocol, split, info, directory } = run;
  const { network, matching, identification, cacheDirectory } = sources;
  const loader = await createLoader({
    dataset,
    description: network.description,
    matching,
    protocol,
    seed: info.seed,
    cases: split.train,
    identification,
    endStep: totalSteps(protocol, Math.ceil(split.train.length / protocol.batch)),
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
 * protocol says. Keeps the run's status up to date.
 * @throws UserError UNET6067 (its checkpoint is lost), as `train`, and what data sets and loader throw, with case and file
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainOutcome> {
  if (options.resume) await requireCheckpoint(options.run);
  const sources = await sourcesOf(options);
  const running = await setStatus(options.run, 'running');
  try {
    const outcome = await trainSources(options, sources);
    await setStatus(running, outcome.status);
    return outcome;
  } catch (error) {
    // The first error matters; a second one (of a full disk, say) must not hide it.
    await setStatus(running, 'interrupted').catch(() => undefined);
    throw error;
  }
}
