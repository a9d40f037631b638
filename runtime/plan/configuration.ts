import { estimateMemory } from './memory-estimate.js';
import { product, roundHalfToEven } from './numbers.js';
import { decoderDepth, encoderDepths, type Preset, referenceBatch, widths } from './preset.js';
import { type Topology, topologyOf } from './topology.js';

/** A batch never has fewer patches. */
const SMALLEST_BATCH = 2;

/** What a configuration is planned for. */
export interface Conditions {
  readonly preset: Preset;
  /** Gigabytes. */
  readonly memory: number;
  /** Labels including the background. */
  readonly labels: number;
  /** Training cases. */
  readonly cases: number;
}

/** A network and its patches, with axes as in the planned order. */
export interface Configuration extends Topology {
  /** Millimetres per axis. */
  readonly spacing: readonly number[];
  /** Voxels of the median case at this spacing, which may be halves. */
  readonly medianSize: readonly number[];
  readonly features: readonly number[];
  /** Convolutions or residual blocks of each stage of the encoder. */
  readonly depths: readonly number[];
  readonly decoderDepth: number;
  readonly batch: number;
  /** Elements of the feature maps of one patch. */
  readonly memoryEstimate: number;
  /** The patch before it was reduced to the memory, and how often an axis was shortened. */
  readonly initialPatch: readonly number[];
  readonly reductions: number;
  /** What limited the batch. */
  readonly batchLimit: 'memory' | 'data set' | 'minimum';
}

/** Returns the patch of 256^3 voxels (2-D: 2048^2) whose edges are equally long in millimetres, capped at the size. */
function initialPatch(spacing: readonly number[], size: readonly number[]): number[] {
  const voxels = spacing.length === 2 ? 2048 ** 2 : 256 ** 3;
  const inverse = spacing.map((each) => 1 / each);
  const scale = (voxels / product(inverse)) ** (1 / spacing.length);
  return inverse.map((each, axis) => Math.min(roundHalfToEven(each * scale), size[axis]!));
}

/** The axis along which the patch covers the largest part of the median case, the last one of several. */
function axisToShorten(patch: readonly number[], size: readonly number[]): number {
  return patch.reduce((best, each, axis) => (each / size[axis]! >= patch[best]! / size[best]! ? axis : best), 0);
}

/** Shortens the patch by one divisor along an axis; the divisor is that of the shorter patch. */
function shorten(spacing: readonly number[], { patch, divisors }: Topology, size: readonly number[]): Topology {
  const axis = axisToShorten(patch, size);
  const shorterBy = (step: number): number[] => patch.map((each, index) => (index === axis ? each - step : each));
  const next = topologyOf(spacing, shorterBy(divisors[axis]!));
  return topologyOf(spacing, shorterBy(next.divisors[axis]!));
}

/**
 * Plans patch, network and batch for a spacing (Isensee et al. 2021): the patch begins as large as useful and is
 * shortened until the estimate fits the memory; memory that is left gives a larger batch.
 * @param voxels of the whole data set at this spacing
 * @throws RangeError if the memory only fits patches too small for a single pooling, which make no U-Net
 */
export function planConfiguration(
  { preset, memory, labels }: Conditions,
  spacing: readonly number[],
  medianSize: readonly number[],
  voxels: number,
): Configuration {
  const kind = spacing.length === 2 ? '2d' : '3d';
  const most = (preset.reference[kind] * memory) / preset.memory;
  const reference = referenceBatch[kind];
  // The default planner's reference is for a whole batch of two, that of the residual encoders for one patch.
  const filled = preset.residual ? 1 : SMALLEST_BATCH / reference;
  const first = initialPatch(spacing, medianSize);
  let topology = topologyOf(spacing, first);
  let estimate = estimateMemory(preset, topology, labels);
  let reductions = 0;
  while (estimate * filled > most) {
    topology = shorten(spacing, topology, medianSize);
    if (topology.strides.length === 1) throw new RangeError('no patch fits the memory');
    estimate = estimateMemory(preset, topology, labels);
    reductions++;
  }
  const byMemory = roundHalfToEven((most / estimate) * reference);
  const byData = roundHalfToEven((voxels * preset.share) / product(topology.patch));
  const batch = Math.max(Math.min(byMemory, byData), SMALLEST_BATCH);
  return {
    ...topology,
    spacing,
    medianSize,
    features: widths(topology.strides.length, spacing.length),
    depths: encoderDepths(preset, topology.strides.length),
    decoderDepth: decoderDepth(preset),
    batch,
    memoryEstimate: estimate,
    initialPatch: first,
    reductions,
    batchLimit: batch === byMemory ? 'memory' : batch === byData ? 'data set' : 'minimum',
  };
}
