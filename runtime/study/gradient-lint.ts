/**
 * Finds parameters of a network that have no effect, by computation: a gradient of the protocol's loss at random
 * weights, so that a gate initialised to zero does not hide what is behind it, without dropout but with noise, and with identifiers
 * both given and missing.
 */
import * as tf from '@tensorflow/tfjs';
import { forgetComputations } from '../engine/computation.js';
import type { ModelDescription, WeightDescription } from '../../contract/model-description.js';
import { randomStream, type Random } from '../random/random-stream.js';
import type { ModelModule } from '../run/load-module.js';
import { sizeOf } from '../files/safetensors.js';
import { trainableNetwork, type TrainableNetwork } from '../network/trainable-network.js';
import { evaluateLoss, gradients, type StepBatch, type StepProtocol } from '../training/step.js';

export interface GradientLintOptions {
  readonly protocol: StepProtocol;
  /** Sizes along the images' spatial axes, in order of appearance: small, at least two voxels at the deepest level. */
  readonly patch: readonly number[];
  /** Ids of the weights declared as fallbacks by their block. */
  readonly fallbacks: ReadonlySet<string>;
}

export interface IdleWeight {
  readonly id: string;
  readonly params: number;
  /**
   * `no gradient`: none in any trial. `no effect`: a gradient of the size of rounding errors, and a loss that does not
   * change when the weight is moved (the bias before an instance norm).
   */
  readonly cause: 'no gradient' | 'no effect';
}

export interface GradientLint {
  /** In network order. */
  readonly idle: readonly IdleWeight[];
  /** Those of them that are fallbacks. */
  readonly fallbacks: readonly IdleWeight[];
  /** The number of draws of weights and data with a finite loss; 0 if nothing could be determined. */
  readonly trials: number;
}

const draws = 2;

/** Noise is drawn, because zeros would hide what is multiplied by it. */
const noise = { seed: 1, step: 0 };

/** Relative to the largest gradient: below this, there is none. */
const vanishing = 1e-12;
/** Below this, a gradient may be a rounding error; the change of the loss decides. */
const suspicious = 1e-5;
/** Relative to the loss: a larger change is not a rounding error. */
const rounding = 2e-6;

/**
 * How far weights are moved from their initial values; smaller if the loss is not finite there, and finally not at all.
 */
const distances = [1, 0.1, 0];

/** The trainable weights of a generated network that have no gradient in any trial, on the current engine. */
export async function lintGradients(
  module: ModelModule,
  { protocol, patch, fallbacks }: GradientLintOptions,
): Promise<GradientLint> {
  const network = trainableNetwork(module.build({ seed: 1 }), module.description);
  try {
    const trials: Trial[] = [];
    for (let draw = 0; draw < draws; draw++) {
      const trial = await tryDraw(network, protocol, patch, draw);
      if (trial !== undefined) trials.push(trial);
    }
    const found = trials.length === 0 ? [] : idleWeights(network, trials);
    return {
      idle: found.filter(({ id }) => !fallbacks.has(id)),
      fallbacks: found.filter(({ id }) => fallbacks.has(id)),
      trials: trials.length,
    };
  } finally {
    forgetComputations(network);
    network.model.dispose();
  }
}

/** By weight. */
interface Trial {
  /** Largest gradient relative to that of all weights. */
  readonly relative: ReadonlyMap<string, number>;
  /** Weights with a suspiciously small gradient whose change affects the loss. */
  readonly effective: ReadonlySet<string>;
}

async function tryDraw(
  network: TrainableNetwork,
  protocol: StepProtocol,
  patch: readonly number[],
  draw: number,
): Promise<Trial | undefined> {
  const first = network.weights.map(({ variable }) => variable.dataSync().slice() as Float32Array);
  const batch = randomBatch(network, patch, draw);
  for (const distance of distances) {
    perturb(network, first, distance, draw);
    const relative = await relativeGradients(network, batch, protocol);
    const trial = relative && { relative, effective: await effectiveWeights(network, batch, protocol, relative, draw) };
    network.weights.forEach((_, index) => assign(network, index, first[index]!));
    if (trial !== undefined) return trial;
  }
  return undefined;
}

/** Undefined if they are not finite. */
async function relativeGradients(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
): Promise<ReadonlyMap<string, number> | undefined> {
  const found = await gradients(network, batch, protocol, noise);
  const sizes = new Map([...found].map(([id, { data }]) => [id, largest(data)]));
  const most = Math.max(...sizes.values());
  if (![...sizes.values()].every(Number.isFinite) || !(most > 0)) return undefined;
  return new Map([...sizes].map(([id, size]) => [id, size / most]));
}

function largest(data: Float32Array): number {
  // Not `Math.max`, because the result for NaN must not depend on the order.
  return data.reduce((most, value) => (Math.abs(value) <= most ? most : Math.abs(value)), 0);
}

/** Moves each suspicious weight alone, at random, and tests whether the loss changes. */
async function effectiveWeights(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
  relative: ReadonlyMap<string, number>,
  draw: number,
): Promise<ReadonlySet<string>> {
  const effective = new Set<string>();
  const places = trainablePlaces(network).filter((index) => {
    const size = relative.get(network.weights[index]!.id)!;
    return size > vanishing && size < suspicious;
  });
  if (places.length === 0) return effective;
  const { loss } = await evaluateLoss(network, batch, protocol, noise);
  for (const index of places) {
    const { id, variable } = network.weights[index]!;
    const values = variable.dataSync().slice() as Float32Array;
    assign(network, index, shifted(values, 1, randomStream(draw, 'lint move', id)));
    const moved = (await evaluateLoss(network, batch, protocol, noise)).loss;
    assign(network, index, values);
    if (!(Math.abs(moved - loss) <= rounding * Math.max(1, Math.abs(loss)))) effective.add(id);
  }
  return effective;
}

function idleWeights(network: TrainableNetwork, trials: readonly Trial[]): readonly IdleWeight[] {
  return trainablePlaces(network).flatMap((index): IdleWeight[] => {
    const { id, shape } = network.weights[index]!;
    const most = Math.max(...trials.map(({ relative }) => relative.get(id)!));
    if (most >= suspicious || trials.some(({ effective }) => effective.has(id))) return [];
    return [{ id, params: sizeOf(shape), cause: most <= vanishing ? 'no gradient' : 'no effect' }];
  });
}

function trainablePlaces({ weights }: TrainableNetwork): readonly number[] {
  return weights.flatMap(({ trainable }, index) => (trainable ? [index] : []));
}

function perturb(network: TrainableNetwork, first: readonly Float32Array[], distance: number, draw: number): void {
  for (const index of trainablePlaces(network)) {
    const weight = network.weights[index]!;
    const random = randomStream(draw, 'lint weight', weight.id);
    assign(network, index, shifted(first[index]!, distance * usualSize(weight), random));
  }
}

/** Keeps a layer's output about as large as its input. */
function usualSize({ shape }: WeightDescription): number {
  return shape.length <= 1 ? 0.3 : 1 / Math.sqrt(sizeOf(shape.slice(1)));
}

function shifted(values: Float32Array, deviation: number, random: Random): Float32Array {
  const moved = values.slice();
  random.addNormals(moved, deviation);
  return moved;
}

function assign({ weights }: TrainableNetwork, index: number, values: Float32Array): void {
  const { variable } = weights[index]!;
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
}

/**
 * Noise for images and random labels; with identifiers two cases, one with and one without. There are two for batch norm
 * as well, which may have one voxel per case.
 */
function randomBatch(
  { description, weights }: Pick<TrainableNetwork, 'description' | 'weights'>,
  patch: readonly number[],
  draw: number,
): StepBatch {
  const random = randomStream(draw, 'lint batch');
  const images = description.inputs.filter((input) => input.kind === 'image');
  const identifiers = description.inputs.filter((input) => input.kind === 'identifier');
  const names = [...new Set(images.flatMap(({ axes }) => axes.map(({ name }) => name)))];
  const cases = identifiers.length > 0 || weights.some(({ statistic }) => statistic === true) ? 2 : 1;
  const sizes = (axes: (typeof images)[number]['axes']): number[] =>
    axes.map(({ name }) => patch[names.indexOf(name)] ?? 1);
  const inputs = images.map(({ name, channels, axes }) => {
    const shape = [cases, channels.length, ...sizes(axes)];
    const data = new Float32Array(sizeOf(shape));
    random.addNormals(data, 1);
    return [name, { shape, data }] as const;
  });
  const given = identifiers.map(({ name, count }) => [name, Int32Array.of(random.integer(count), -1)] as const);
  const values = targetValues(description);
  const shape = [cases, ...sizes(images[0]?.axes ?? [])];
  const data = Uint8Array.from({ length: sizeOf(shape) }, () => values[random.integer(values.length)]!);
  return { inputs: Object.fromEntries(inputs), identifiers: Object.fromEntries(given), target: { shape, data } };
}

/**
 * The allowed values of a target: class indices that every output with classes has, or the values of the regions and 0.
 */
function targetValues({ outputs }: ModelDescription): readonly number[] {
  const counts = outputs.flatMap(({ kind, labels }) => (kind === 'classes' ? [labels.length] : []));
  if (counts.length > 0) return Array.from({ length: Math.min(...counts) }, (_, index) => index);
  return [...new Set([0, ...outputs.flatMap(({ labels }) => labels.flatMap(({ values }) => values))])];
}
