import type { GridProtocol } from './preparation-types.js';
import { availableParallelism } from 'node:os';
import type { ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { randomStream } from '../random/random-stream.js';
import { checkAugmentation } from './augment.js';
import type { BatchArrays, BatchJob } from './batch-maker.js';
import { type BatchPool, startPool } from './batch-workers.js';
import { defaultCacheDirectory } from './cache.js';
import { findCase } from './dataset.js';
import { imagePlace, labelPlace, readCaseHeader } from './case-files.js';
import { planGrid } from './grid-plan.js';
import { identifyCases } from './identify.js';
import { checkLabelGeometry } from './label-geometry.js';
import { imageInputs } from './match.js';
import { readNiftiHeader } from './nifti.js';
import { patchExtent } from './sampler.js';
import { shuffled } from './shuffled.js';
import type { Batch, Dataset, Identification, Loader, LoaderOptions } from './types.js';

/** Returns the shape of a case on the network's grid from the headers of its files, after comparing them with each other. */
async function checkHeaders(dataset: Dataset, id: string, grid: GridProtocol): Promise<readonly number[]> {
  const each = findCase(dataset, id);
  const image = await readCaseHeader(dataset, each);
  const label = labelPlace(each);
  if (label === undefined) {
    throw new UserError(
      'UNET6018',
      `Case \`${id}\` has no label and cannot be used for training.`,
      'Remove it from the training cases.',
    );
  }
  checkLabelGeometry(label, await readNiftiHeader(label), image);
  return planGrid(imagePlace(each), image.geometry, grid).geometry.shape;
}

/**
 * Compares the headers of labelled cases with each other and with the data set: missing files, channels, geometry.
 * @returns [D, H, W] on the network's grid by case
 * @throws UserError with case and file: UNET6003 to 6009, UNET6018, UNET6023, UNET6131
 */
export async function checkLabelledCases(
  dataset: Dataset,
  ids: readonly string[],
  grid: GridProtocol,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const shapes = new Map<string, readonly number[]>();
  for (const id of ids) shapes.set(id, await checkHeaders(dataset, id, grid));
  return shapes;
}

/**
 * Checks everything that headers show about training cases before they are used: `checkLabelledCases`, whether the
 * patch has axes of a volume, and whether augmentations name existing ones.
 * @throws UserError as `createLoader`, which performs the same checks
 */
export async function checkTrainingCases(
  options: Pick<LoaderOptions, 'dataset' | 'description' | 'cases'> & {
    readonly protocol: GridProtocol & Pick<LoaderOptions['protocol'], 'patch' | 'augment'>;
  },
): Promise<void> {
  const axes = spatialAxes(options.description);
  const ids = [...new Set(options.cases)].sort();
  checkAugmentation(options.protocol.augment, axes);
  if (ids.length === 0)
    throw new UserError('UNET6017', 'There are no training cases.', 'Give at least one training case.');
  patchExtent(options.protocol.patch.size);
  await checkLabelledCases(options.dataset, ids, options.protocol);
}

function spatialAxes(description: ModelDescription): string[] {
  return (imageInputs(description)[0]?.axes ?? []).map(({ name }) => name);
}

/**
 * The cases of a step: each epoch uses all of them once, in an order drawn from (seed, 'order', epoch).
 * @param ids sorted
 */
export function casesOfStep(ids: readonly string[], batch: number, seed: number, step: number): string[] {
  const perEpoch = Math.ceil(ids.length / batch);
  const epoch = Math.floor(step / perEpoch);
  const start = (step - epoch * perEpoch) * batch;
  return shuffled(ids, randomStream(seed, 'order', epoch)).slice(start, start + batch);
}

function identifiersOf(identification: Identification, cases: readonly string[]): Record<string, Int32Array> {
  const entries = Object.entries(identification.inputs).map(([input, { byCase }]): [string, Int32Array] => [
    input,
    Int32Array.from(cases, (id) => byCase[id] ?? -1),
  ]);
  return Object.fromEntries(entries);
}

/** Requests batches from the pool ahead of time, at most `prefetch` of them. */
class PrefetchingLoader implements Loader {
  private readonly made = new Map<number, Promise<BatchArrays>>();
  private waited = 0;
  private closed = false;
  readonly batchesPerEpoch: number;

  constructor(
    private readonly options: LoaderOptions,
    private readonly ids: readonly string[],
    private readonly identification: Identification,
    private readonly pool: BatchPool,
    private readonly prefetch: number,
  ) {
    this.batchesPerEpoch = Math.ceil(ids.length / options.protocol.batch);
  }

  get threads(): number {
    return this.pool.threads;
  }

  get waitedMs(): number {
    return this.waited;
  }

  async batch(step: number): Promise<Batch> {
    if (this.closed) throw new Error('The data loader has ended.');
    const start = performance.now();
    const cases = this.casesOf(step);
    this.forgetOthers(step);
    const wanted = this.request(step);
    for (let ahead = step + 1; ahead <= step + this.prefetch; ahead++) {
      if (ahead < (this.options.endStep ?? Infinity)) void this.request(ahead);
    }
    try {
      const arrays = await wanted;
      return { step, cases, ...arrays, identifiers: identifiersOf(this.identification, cases) };
    } finally {
      this.made.delete(step);
      this.waited += performance.now() - start;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.pool.close();
    this.made.clear();
  }

  private casesOf(step: number): string[] {
    return casesOfStep(this.ids, this.options.protocol.batch, this.options.seed, step);
  }

  /** After a jump, drops batches that were prepared for other steps. */
  private forgetOthers(step: number): void {
    for (const key of this.made.keys()) if (key < step || key > step + this.prefetch) this.made.delete(key);
  }

  private request(step: number): Promise<BatchArrays> {
    const known = this.made.get(step);
    if (known !== undefined) return known;
    const made = this.pool.make(step, this.casesOf(step));
    // A prefetched batch may fail before it is requested; its error is reported on request.
    made.catch(() => undefined);
    this.made.set(step, made);
    return made;
  }
}

function jobOf(options: LoaderOptions, axes: readonly string[]): BatchJob {
  const { patch, orient, spacing, resample, normalize, augment, batch } = options.protocol;
  return {
    dataset: options.dataset,
    matching: options.matching,
    protocol: { patch, orient, spacing, resample, normalize, augment, batch },
    axes,
    seed: options.seed,
    cacheDirectory: options.cacheDirectory === undefined ? defaultCacheDirectory() : options.cacheDirectory,
  };
}

/**
 * Opens a source of training batches. Headers of all cases are checked first; voxels are read when a case is first
 * used, by worker threads, through the folder of prepared cases. Two networks with the same patch and seed get the same
 * batches, and a run that starts at step k gets the same batches as an uninterrupted one.
 * @throws UserError with case and file: UNET6003 to 6009, UNET6016, UNET6018, UNET6023, UNET6026,
 * UNET6027
 */
export async function createLoader(options: LoaderOptions): Promise<Loader> {
  const ids = [...new Set(options.cases)].sort();
  await checkTrainingCases(options);
  const identification =
    options.identification ?? identifyCases(options.dataset, options.description, options.protocol.identify);
  const threads = options.workers ?? Math.max(1, Math.floor(availableParallelism() / 4));
  const pool = await startPool(jobOf(options, spatialAxes(options.description)), threads);
  // Without workers, prefetching would only delay the batch that is needed now.
  const prefetch = pool.threads === 0 ? 0 : (options.prefetch ?? 2 * pool.threads);
  return new PrefetchingLoader(options, ids, identification, pool, prefetch);
}
