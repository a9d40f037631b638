/**
 * Predicts a volume of any size with a network of one patch size. Nothing here uses tensors: `predict` takes and
 * returns plain arrays with channels first.
 */
import { setImmediate } from 'node:timers/promises';
import type { FloatTensor } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import { accumulate, type Accumulator, type WindowOutput } from './accumulator.js';
import { activate } from './activate.js';
import type { Blend } from './blend.js';
import { gatherWindow } from './gather.js';
import { mirroredPredict } from './mirror.js';
import { enlargedRegion, placeRegion, type Region } from './region.js';
import type { Predict, WindowBatch } from './window-batch.js';
import { commonTile, windowOrigins } from './windows.js';
import { counted } from '../../text/count.js';

export interface SlidingWindowOptions {
  readonly predict: Predict;
  /** By image input: [C, ...spatial], normalised, all of one spatial size. */
  readonly inputs: Readonly<Record<string, FloatTensor>>;
  /** By identifier input: the case's value, -1 for none. */
  readonly identifiers?: Readonly<Record<string, number>>;
  /**
   * The window, per spatial axis. If it has fewer axes than the volume (a 2-D network), the volume is processed slice
   * by slice along its first axes.
   */
  readonly patch: readonly number[];
  /** The fraction of a tile that overlaps the next one, in [0, 1). */
  readonly overlap: number;
  readonly blend: Blend;
  readonly outputs: readonly WindowOutput[];
  /** Windows per batch; defaults to 1. The last batch may contain fewer. */
  readonly batch?: number;
  /**
   * The part of the volume in which windows lie, enlarged to a window where it is smaller; defaults to the whole volume.
   * Nothing is predicted outside it: class 0 has probability 1 there, and regions 0. A size of 0: no window at all.
   */
  readonly region?: Region;
  /** Spatial axes of the window, from 0, along which it is mirrored (see `mirroredPredict`); defaults to none. */
  readonly mirror?: readonly number[];
  /** Called after each batch with the number of windows done and the total, counting every mirrored one. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Its reason is thrown before the next batch. */
  readonly signal?: AbortSignal;
}

function spatialExtents(options: SlidingWindowOptions): number[] {
  const [first, ...others] = Object.values(options.inputs).map(({ shape }) => shape.slice(1));
  if (first === undefined) throw new RangeError('no image input');
  if (others.some((other) => other.join() !== first.join())) throw new RangeError('image inputs differ in size');
  return first;
}

function checkOptions({ patch, overlap, batch = 1 }: SlidingWindowOptions, extents: readonly number[]): void {
  if (patch.length === 0 || patch.length > extents.length || patch.some((size) => !Number.isInteger(size) || size < 1))
    throw new UserError(
      'UNET6080',
      `The patch \`${patch.join(',')}\` does not fit a volume of ${counted(extents.length, 'axis', 'axes')}.`,
      `Give one positive whole number for each spatial axis of the network, at most ${extents.length}.`,
    );
  if (!(overlap >= 0 && overlap < 1))
    throw new UserError(
      'UNET6080',
      `The overlap of the sliding window is ${overlap}.`,
      'Choose a fraction of the window of at least 0 and less than 1, such as 0.5.',
    );
  if (!Number.isInteger(batch) || batch < 1) throw new RangeError(`batch of ${batch} windows`);
}

/** A batch of windows with its arrays, which are reused for batches of the same size. */
class BatchMaker {
  private readonly arrays = new Map<string, Float32Array>();

  constructor(
    private readonly options: SlidingWindowOptions,
    private readonly window: readonly number[],
    private readonly border: 'zero' | 'mirror',
  ) {}

  make(origins: readonly (readonly number[])[]): WindowBatch {
    const { inputs, identifiers = {}, patch } = this.options;
    const made = Object.entries(inputs).map(([name, volume]) => {
      const [channels = 0] = volume.shape;
      const length = channels * patch.reduce((product, size) => product * size, 1);
      const data = this.array(name, origins.length * length);
      origins.forEach((origin, n) => gatherWindow(volume, origin, this.window, this.border, data, n * length));
      return [name, { data, shape: [origins.length, channels, ...patch] }] as const;
    });
    const values = Object.entries(identifiers).map(
      ([name, value]) => [name, new Int32Array(origins.length).fill(value)] as const,
    );
    return { inputs: Object.fromEntries(made), identifiers: Object.fromEntries(values) };
  }

  private array(name: string, length: number): Float32Array {
    const known = this.arrays.get(name);
    if (known?.length === length) return known;
    const fresh = new Float32Array(length);
    this.arrays.set(name, fresh);
    return fresh;
  }
}

function addWindows(
  accumulators: readonly Accumulator[],
  outputs: readonly WindowOutput[],
  logits: readonly Float32Array[],
  origins: readonly (readonly number[])[],
  window: readonly number[],
): void {
  outputs.forEach((output, index) => {
    const given = logits[index];
    const length = (output.size ?? window).reduce((product, size) => product * size, output.labels);
    if (given?.length !== length * origins.length)
      throw new RangeError(`output ${output.name}: ${given?.length} logits, expected ${length * origins.length}`);
    origins.forEach((origin, n) => {
      if (accumulators[index]!.add(given, n * length, origin)) return;
      throw new UserError(
        'UNET6081',
        `The network's output \`${output.name}\` contains values that are not finite.`,
        'The training diverged or the image contains NaN: check the losses of the run, and run `unet data check`.',
      );
    });
  });
}

/**
 * Predicts a volume window by window and blends the windows' logits, weighted, before softmax (`classes`) or sigmoid
 * (`regions`), as nnU-Net does.
 *
 * Windows cover the region (the whole volume by default), the last of each axis shifted back to its end. A volume smaller than the window is
 * padded with zeros, which is the background after normalisation, and the padding cut off again. Where the network's
 * output is smaller than its input (valid convolutions), windows lie so that the outputs tile the volume, and what they
 * see beyond it is the volume mirrored (Ronneberger et al. 2015, overlap-tile strategy).
 *
 * Memory besides the input: 4 bytes * voxels * (labels + 1) for each output, and one batch (with `mirror`, two, and its
 * logits twice); with a region, the sum is of the region's voxels and the result is 4 bytes * voxels * labels more. A 240 x 240 x 155 volume with
 * four classes takes 179 MB.
 *
 * @returns for each output its probabilities, [labels, ...spatial]
 * @throws UserError UNET6080 for a patch or overlap that cannot be, UNET6081 for logits that are not finite, UNET6088 as
 * `mirroredPredict`
 */
export async function slidingWindow(options: SlidingWindowOptions): Promise<FloatTensor[]> {
  const extents = spatialExtents(options);
  checkOptions(options, extents);
  const { patch, outputs, blend, mirror = [], batch = 1 } = options;
  const slices = new Array<number>(extents.length - patch.length).fill(1);
  const window = [...slices, ...patch];
  const placed = outputs.map((output) => ({ ...output, size: [...slices, ...(output.size ?? patch)] }));
  const smaller = placed.some(({ size }) => size.some((extent, axis) => extent !== window[axis]));
  const tile = commonTile(
    window,
    placed.map(({ size }) => size),
  );
  const region = regionOf(options.region, tile.size, extents);
  const origins = region === undefined ? [] : windowOrigins(region.size, tile, options.overlap);
  const accumulators = placed.map((output) => region && accumulate(output, window, region.size, blend));
  const maker = new BatchMaker(options, window, smaller ? 'mirror' : 'zero');
  const predict = mirroredPredict(pacedPredict(options, origins.length), mirror, patch, outputs);
  for (let done = 0; done < origins.length; done += batch) {
    const some = origins.slice(done, done + batch);
    const places = some.map((origin) => origin.map((start, axis) => start + region!.origin[axis]!));
    addWindows(accumulators as Accumulator[], placed, await predict(maker.make(places)), some, window);
  }
  return placed.map((output, index) => {
    const data = accumulators[index]?.mean() ?? new Float32Array();
    activate(data, output.labels, output.kind);
    return { data: placeRegion(data, region, extents, output), shape: [output.labels, ...extents] };
  });
}

/** The region in which windows lie; undefined for an empty one. */
function regionOf(region: Region | undefined, tile: readonly number[], extents: readonly number[]): Region | undefined {
  if (region === undefined) return { origin: extents.map(() => 0), size: extents };
  return region.size.includes(0) ? undefined : enlargedRegion(region, tile, extents);
}

/** Predicts batches, between which signals are handled and progress is reported. */
function pacedPredict({ predict, mirror = [], onProgress, signal }: SlidingWindowOptions, windows: number): Predict {
  const total = windows * 2 ** mirror.length;
  let done = 0;
  return async (batch) => {
    // Kernels block this thread.
    await setImmediate();
    signal?.throwIfAborted();
    const logits = await predict(batch);
    done += Object.values(batch.inputs)[0]!.shape[0]!;
    onProgress?.(done, total);
    return logits;
  };
}
