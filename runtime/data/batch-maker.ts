import type { Augmentation, Protocol } from '../../contract/protocol.js';
import { randomStream } from '../random/random-stream.js';
import { augmentPatch, expandSteps, streamsOf } from './augment.js';
import { interpolatePatch } from './augment/interpolate.js';
import { boxToRead, type SpatialMap } from './augment/spatial-map.js';
import { drawSpatial } from './augment/spatial.js';
import { openPrepared } from './cache.js';
import { findCase } from './dataset.js';
import { imagePlace } from './case-files.js';
import { decodeCase } from './decode.js';
import { keepsGrid } from './grid-plan.js';
import { type Preparation, normalizationOnReading, prepareOnGrid } from './prepare-grid.js';
import { holdsForeground, readImageBox, readLabelBox } from './patch.js';
import { type Box, boxVolume } from './box.js';
import { centredBox, drawBox, drawPatch, isCentred, patchExtent } from './sampler.js';
import { foregroundOf } from './label-positions.js';
import type { DataCase, Dataset, FloatTensor, LabelTensor, Matching } from './types.js';
import { type VoxelSource, memorySource } from './voxel-source.js';

/** Everything that a batch depends on besides its step and cases; plain data, so that it can be sent to a worker. */
export interface BatchJob {
  readonly dataset: Dataset;
  readonly matching: Matching;
  readonly protocol: Preparation & Pick<Protocol, 'patch' | 'augment' | 'batch'>;
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

/** What a label value maps to that is none of the network's classes. */
const NO_CLASS = 255;

/** Memory for what transformed patches are interpolated from; kept, because it is larger than a batch. */
class Scratch {
  private floats = new Float32Array(0);
  private bytes = new Uint8Array(0);

  /** @param channels of each image */
  take(channels: readonly number[], voxels: number): Slot {
    const length = channels.reduce((sum, each) => sum + each, 0) * voxels;
    if (this.floats.length < length) this.floats = new Float32Array(length);
    if (this.bytes.length < voxels) this.bytes = new Uint8Array(voxels);
    let from = 0;
    const images = channels.map((count) => this.floats.subarray(from, (from += count * voxels)));
    return { images, target: this.bytes.subarray(0, voxels) };
  }
}

/** What all batches of a maker share. */
interface Work {
  readonly job: BatchJob;
  /** The augmentations, those that `nnunet` stands for included. */
  readonly steps: readonly Augmentation[];
  readonly scratch: Scratch;
}

/** One patch of a batch. */
interface Piece {
  readonly source: VoxelSource;
  readonly id: string;
  readonly step: number;
  /** In the batch. */
  readonly position: number;
}

async function choosePatch(
  { seed, protocol, matching }: BatchJob,
  { source, id, step, position }: Piece,
): Promise<Box> {
  const size = patchExtent(protocol.patch.size);
  const { shape } = source.geometry;
  const { foreground } = protocol.patch;
  const random = randomStream(seed, 'patch', id, step);
  if (foreground !== null && 'share' in foreground) {
    if (!isCentred(random, foreground.share, protocol.batch, position)) return drawBox(random, shape, size);
    const classes = (await foregroundOf(source)).filter(({ value }) => matching.targets[value] !== NO_CLASS);
    return centredBox(
      random,
      shape,
      size,
      classes.map(({ voxels }) => voxels),
    );
  }
  const holds = (box: Box, above: number): Promise<boolean> => holdsForeground(source, box, above);
  return drawPatch(random, shape, size, foreground, holds);
}

/** Reads a box of all channels and of the label. */
async function readVoxels(job: BatchJob, source: VoxelSource, box: Box, { images, target }: Slot): Promise<void> {
  for (const [k, { channels }] of job.matching.images.entries()) {
    await readImageBox(source, box, channels, normalizationOnReading(job.protocol), images[k] as Float32Array);
  }
  await readLabelBox(source, box, job.matching.targets, target);
}

/** Reads what a transformed patch is interpolated from, and interpolates it. */
async function readTransformed(
  { job, scratch }: Work,
  source: VoxelSource,
  box: Box,
  map: SpatialMap,
  slot: Slot,
): Promise<void> {
  const read = boxToRead(map, box, source.geometry.shape);
  const channels = job.matching.images.map((image) => image.channels.length);
  const around = scratch.take(channels, boxVolume(read));
  await readVoxels(job, source, read, around);
  interpolatePatch(map, box, read, around, slot);
}

async function fill(work: Work, piece: Piece, slot: Slot): Promise<void> {
  const { job, steps } = work;
  const { source, id, step } = piece;
  const { size } = job.protocol.patch;
  const box = await choosePatch(job, piece);
  const streams = streamsOf(steps, job.seed, id, step);
  const map = drawSpatial(steps, { extent: patchExtent(size), axes: job.axes }, streams);
  if (map === undefined) await readVoxels(job, source, box, slot);
  else await readTransformed(work, source, box, map, slot);
  augmentPatch({ ...slot, size, axes: job.axes }, steps, streams);
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
  const steps = expandSteps(job.protocol.augment, job.protocol.patch.size, job.axes);
  const work = { job, steps, scratch: new Scratch() };
  const voxels = job.protocol.patch.size.reduce((product, each) => product * each, 1);
  return {
    async make(step, ids) {
      const arrays = emptyArrays(job, ids.length);
      for (const [position, id] of ids.entries()) {
        const piece = { source: await cases.get(id), id, step, position };
        await fill(work, piece, slotOf(job, arrays, position, voxels));
      }
      return arrays;
    },
  };
}
