import type { Protocol } from '../../contract/protocol.js';
import { randomStream } from '../random/random-stream.js';
import { augmentPatch } from './augment.js';
import { openPrepared } from './cache.js';
import { findCase } from './dataset.js';
import { decodeCase, imagePlace } from './decode.js';
import { keepsGrid } from './grid-plan.js';
import { type Preparation, normalizationOnReading, prepareOnGrid } from './prepare-grid.js';
import { holdsForeground, readImageBox, readLabelBox } from './patch.js';
import type { Box } from './box.js';
import { drawPatch, patchExtent } from './sampler.js';
import type { DataCase, Dataset, FloatTensor, LabelTensor, Matching } from './types.js';
import { type VoxelSource, memorySource } from './voxel-source.js';

/** Everything that a batch depends on besides its step and cases; plain data, so that it can be sent to a worker. */
export interface BatchJob {
  readonly dataset: Dataset;
  readonly matching: Matching;
  readonly protocol: Preparation & Pick<Protocol, 'patch' | 'augment'>;
  /** Names of the network's spatial axes. */
  readonly axes: readonly string[];
  readonly seed: number;
  /** Folder of prepared cases; null to decode a case's files whenever it is used. */
  readonly cacheDirectory: string | null;
}

/** The arrays of a batch. */
export interface BatchArrays {
  readonly inputs: Record<string, FloatTensor>;
  readonly target: LabelTensor;
}

/** Creates batches; caches metadata of recently used cases, but no voxels. */
export interface BatchMaker {
  make(step: number, cases: readonly string[]): Promise<BatchArrays>;
}

/** Opening a prepared case reads a few small files; an open one only keeps its foreground counts in memory. */
const OPEN_CASES = 256;

async function decodedSource(dataset: Dataset, each: DataCase, preparation: Preparation): Promise<VoxelSource> {
  const decoded = await decodeCase(dataset, each);
  return memorySource(keepsGrid(preparation) ? decoded : prepareOnGrid(imagePlace(each), decoded, preparation));
}

/** Caches open prepared cases and drops the least recently used one. */
class OpenCases {
  private readonly open = new Map<string, VoxelSource>();

  constructor(private readonly job: BatchJob) {}

  async get(id: string): Promise<VoxelSource> {
    const { dataset, cacheDirectory, protocol } = this.job;
    const each = findCase(dataset, id);
    if (cacheDirectory === null) return decodedSource(dataset, each, protocol);
    const source = this.open.get(id) ?? (await openPrepared(cacheDirectory, dataset, each, protocol));
    this.open.delete(id);
    this.open.set(id, source);
    const oldest = this.open.keys().next().value;
    if (this.open.size > OPEN_CASES && oldest !== undefined) this.open.delete(oldest);
    return source;
  }
}

interface Slot {
  readonly images: Float32Array[];
  readonly target: Uint8Array;
}

/** The position of case `position` in the batch's arrays. */
function slotOf(job: BatchJob, arrays: BatchArrays, position: number, voxels: number): Slot {
  const images = job.matching.images.map(({ input, channels }) => {
    const length = channels.length * voxels;
    const { data } = arrays.inputs[input] as FloatTensor;
    return data.subarray(position * length, (position + 1) * length);
  });
  return { images, target: arrays.target.data.subarray(position * voxels, (position + 1) * voxels) };
}

function choosePatch(job: BatchJob, source: VoxelSource, id: string, step: number): Promise<Box> {
  const size = patchExtent(job.protocol.patch.size);
  const random = randomStream(job.seed, 'patch', id, step);
  const holds = (box: Box, above: number): Promise<boolean> => holdsForeground(source, box, above);
  return drawPatch(random, source.geometry.shape, size, job.protocol.patch.foreground, holds);
}

async function fill(job: BatchJob, source: VoxelSource, id: string, step: number, slot: Slot): Promise<void> {
  const box = await choosePatch(job, source, id, step);
  for (const [k, { channels }] of job.matching.images.entries()) {
    await readImageBox(source, box, channels, normalizationOnReading(job.protocol), slot.images[k] as Float32Array);
  }
  await readLabelBox(source, box, job.matching.targets, slot.target);
  const patch = { ...slot, size: job.protocol.patch.size, axes: job.axes };
  augmentPatch(patch, job.protocol.augment, job.seed, id, step);
}

function emptyArrays(job: BatchJob, count: number): BatchArrays {
  const size = job.protocol.patch.size;
  const voxels = size.reduce((product, each) => product * each, 1);
  const inputs = job.matching.images.map(({ input, channels }): [string, FloatTensor] => {
    const data = new Float32Array(count * channels.length * voxels);
    return [input, { data, shape: [count, channels.length, ...size] }];
  });
  const target = { data: new Uint8Array(count * voxels), shape: [count, ...size] };
  return { inputs: Object.fromEntries(inputs), target };
}

/**
 * Creates batches in this thread. The content of a batch depends only on the job, the step and the case: the patch is
 * drawn from the stream (seed, 'patch', case, step).
 * @throws UserError (from `make`) for invalid data
 */
export function createBatchMaker(job: BatchJob): BatchMaker {
  const cases = new OpenCases(job);
  const voxels = job.protocol.patch.size.reduce((product, each) => product * each, 1);
  return {
    async make(step, ids) {
      const arrays = emptyArrays(job, ids.length);
      for (const [position, id] of ids.entries()) {
        await fill(job, await cases.get(id), id, step, slotOf(job, arrays, position, voxels));
      }
      return arrays;
    },
  };
}
