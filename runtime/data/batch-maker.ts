import type { Protocol } from '../protocol.js';
import { randomStream } from '../random.js';
import { augmentPatch } from './augment.js';
import { openPrepared } from './cache.js';
import { findCase } from './dataset.js';
import { type Box, countForeground, readImageBox, readLabelBox } from './patch.js';
import { drawPatch, patchExtent } from './sampler.js';
import type { Dataset, FloatTensor, LabelTensor, Matching } from './types.js';
import type { VoxelSource } from './voxel-source.js';

/** All that a batch's arrays depend on besides its step and cases; plain data, so that it can be sent to a worker. */
export interface BatchJob {
  readonly dataset: Dataset;
  readonly matching: Matching;
  readonly protocol: Pick<Protocol, 'patch' | 'normalize' | 'augment'>;
  /** Names of the network's spatial axes. */
  readonly axes: readonly string[];
  readonly seed: number;
  readonly cacheDirectory: string;
}

/** The arrays of a batch. */
export interface BatchArrays {
  readonly inputs: Record<string, FloatTensor>;
  readonly target: LabelTensor;
}

/** Makes batches; holds open files of the last cases used. */
export interface BatchMaker {
  make(step: number, cases: readonly string[]): Promise<BatchArrays>;
  close(): void;
}

/** Two descriptors a case: far below every system's limit of open files. */
const OPEN_CASES = 64;

/** Opens cases once and closes the one longest unused. */
class OpenCases {
  private readonly open = new Map<string, VoxelSource>();

  constructor(private readonly job: BatchJob) {}

  async get(id: string): Promise<VoxelSource> {
    const held = this.open.get(id);
    const source =
      held ?? (await openPrepared(this.job.cacheDirectory, this.job.dataset, findCase(this.job.dataset, id)));
    this.open.delete(id);
    this.open.set(id, source);
    const oldest = this.open.entries().next().value;
    if (this.open.size > OPEN_CASES && oldest !== undefined) {
      this.open.delete(oldest[0]);
      oldest[1].close();
    }
    return source;
  }

  close(): void {
    for (const source of this.open.values()) source.close();
    this.open.clear();
  }
}

interface Slot {
  readonly images: Float32Array[];
  readonly target: Uint8Array;
}

/** Where case `position` of a batch lies in the batch's arrays. */
function slotOf(job: BatchJob, arrays: BatchArrays, position: number, voxels: number): Slot {
  const images = job.matching.images.map(({ input, channels }) => {
    const length = channels.length * voxels;
    const { data } = arrays.inputs[input] as FloatTensor;
    return data.subarray(position * length, (position + 1) * length);
  });
  return { images, target: arrays.target.data.subarray(position * voxels, (position + 1) * voxels) };
}

function choosePatch(job: BatchJob, source: VoxelSource, id: string, step: number): Box {
  const size = patchExtent(job.protocol.patch.size);
  const random = randomStream(job.seed, 'patch', id, step);
  const count = (box: Box, enough: number): number => countForeground(source, box, enough);
  return drawPatch(random, source.geometry.shape, size, job.protocol.patch.foreground, count);
}

function fill(job: BatchJob, source: VoxelSource, id: string, step: number, slot: Slot): void {
  const box = choosePatch(job, source, id, step);
  job.matching.images.forEach(({ channels }, k) => {
    readImageBox(source, box, channels, job.protocol.normalize, slot.images[k] as Float32Array);
  });
  readLabelBox(source, box, job.matching.targets, slot.target);
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
 * Makes batches in this thread. What a batch holds depends on the job, the step and the case alone: the patch is drawn
 * from the stream (seed, 'patch', case, step).
 * @throws UserError (from `make`) for faulty data
 */
export function createBatchMaker(job: BatchJob): BatchMaker {
  const cases = new OpenCases(job);
  const voxels = job.protocol.patch.size.reduce((product, each) => product * each, 1);
  return {
    async make(step, ids) {
      const arrays = emptyArrays(job, ids.length);
      for (const [position, id] of ids.entries()) {
        fill(job, await cases.get(id), id, step, slotOf(job, arrays, position, voxels));
      }
      return arrays;
    },
    close: () => cases.close(),
  };
}
