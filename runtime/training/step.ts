import * as tf from '@tensorflow/tfjs';
import { runComputation } from '../engine/computation.js';
import { inputTensors, predictions, type TrainingPass } from '../network/predictions.js';
import type { Batch, LabelTensor } from '../data/types.js';
import type { OutputDescription, WeightDescription } from '../../contract/model-description.js';
import { physicalAxis } from '../ops/layout.js';
import { perStep } from '../ops/per-step.js';
import { movedValues, type Movement } from '../ops/running.js';
import type { LossTerm, Protocol } from '../../contract/protocol.js';
import { deepWeights, lossTerms } from '../losses/loss-terms.js';
import type { Randomness, TrainableNetwork } from '../network/trainable-network.js';
import { globalNorm } from './optimizer-kernels.js';
import { clipFactor, type Optimizer } from './optimizer.js';
import type { WeightAverage } from './average.js';
import type { Parameter } from '../network/parameter.js';
import { cropToOutput, encodedShape, encodeTarget, hasIgnored, resizeToAuxiliary } from './targets.js';

/** The parts of a batch that a step uses. */
export type StepBatch = Pick<Batch, 'inputs' | 'identifiers' | 'target'>;

/** The parts of a protocol that a step uses. */
export type StepProtocol = Pick<Protocol, 'loss' | 'deep' | 'optimizer'>;

/** The loss of a batch, before the update. */
export interface LossValues {
  readonly loss: number;
  /**
   * Unweighted terms, `dice` and `cross_entropy` (`dice2` for a second one), averaged over deep supervision, and the
   * network's own, `penalty.<name>`.
   */
  readonly terms: Readonly<Record<string, number>>;
}

export interface StepResult extends LossValues {
  /** Joint norm of all gradients, before clipping. */
  readonly gradientNorm: number;
  /** False if the loss or a gradient was not finite; the weights are then unchanged. */
  readonly updated: boolean;
}

function spatialSizes(logits: tf.Tensor): number[] {
  return Array.from({ length: logits.rank - 2 }, (_, axis) => logits.shape[physicalAxis(axis + 2, logits.rank)]!);
}

/** The target for a prediction of these sizes: cropped to its output, or resized to its level. */
function targetAt(target: LabelTensor, finest: readonly number[], own: readonly number[], output: string): LabelTensor {
  return resizeToAuxiliary(cropToOutput(target, finest, output), own);
}

/** The terms of one output, `[terms]`, averaged over it and its auxiliary predictions. */
function outputTerms(
  levels: tf.Tensor[],
  target: () => LabelTensor,
  output: OutputDescription,
  protocol: StepProtocol,
): tf.Tensor {
  const finest = spatialSizes(levels[0]!);
  const ignores = hasIgnored(target());
  const weights = deepWeights(output.auxiliary, protocol.deep);
  const parts = levels.map((logits, level) => {
    const sizes = spatialSizes(logits);
    const encoded = perStep({
      shape: encodedShape([logits.shape[0], ...sizes], output),
      type: 'float32',
      values: () => encodeTarget(targetAt(target(), finest, sizes, output.name), output),
    });
    const options = { labels: output.labels.map(({ name }) => name), ignores };
    return tf.mul(lossTerms(logits, encoded, output.kind, protocol.loss, options), weights[level]!);
  });
  return tf.addN(parts);
}

/** The terms of the loss, `[terms]`, summed over outputs; then the penalties. */
function batchTerms(
  network: TrainableNetwork,
  batch: () => StepBatch,
  protocol: StepProtocol,
  pass: TrainingPass,
): tf.Tensor {
  const all = predictions(network, inputTensors(network.description, batch), pass);
  let next = 0;
  const parts = network.description.outputs.map((output) => {
    const levels = all.slice(next, next + 1 + output.auxiliary);
    next += levels.length;
    return outputTerms(levels, () => batch().target, output, protocol);
  });
  const penalties = all.slice(next).map((values) => tf.reshape(tf.mean(values), [1]));
  return penalties.length === 0 ? tf.addN(parts) : tf.concat([tf.addN(parts), ...penalties]);
}

function takesPart(weight: WeightDescription, batch: StepBatch): boolean {
  if (!weight.trainable) return false;
  const { usedWhen } = weight;
  if (usedWhen === undefined) return true;
  const identifiers = batch.identifiers[usedWhen.input];
  return identifiers === undefined || identifiers.some((value) => value >= 0 === usedWhen.given);
}

/** The weights that a step on this batch may change, in network order. */
export function trainedBy(network: TrainableNetwork, batch: StepBatch): Parameter[] {
  return network.weights.filter((weight) => takesPart(weight, batch));
}

export interface Gradients {
  /** Unweighted terms, `[terms]`. */
  readonly terms: tf.Tensor;
  /** The parameters that the loss depends on. */
  readonly found: readonly Parameter[];
  /** Their gradients, in the same order. */
  readonly gradients: readonly tf.Tensor[];
}

/**
 * The terms of the loss, and the gradient of the total loss for every weight that takes part in this batch. A weight
 * that is not connected to the loss is omitted (tfjs omits it); one whose `usedWhen` is not satisfied is not requested,
 * because a masked table still passes zeros through.
 */
export function backward(
  network: TrainableNetwork,
  batch: () => StepBatch,
  protocol: StepProtocol,
  pass: TrainingPass,
): Gradients {
  const asked = trainedBy(network, batch());
  const weights = tf.tensor1d(termWeights(network, protocol));
  let terms: tf.Tensor | undefined;
  const loss = (): tf.Scalar => {
    terms = tf.keep(batchTerms(network, batch, protocol, pass));
    return tf.sum(tf.mul(terms, weights));
  };
  const variables = asked.map(({ variable }) => variable);
  const { grads } = tf.variableGrads(loss, variables);
  const found = asked.filter(({ variable }) => grads[variable.name] !== undefined);
  return { terms: terms!, found, gradients: found.map(({ variable }) => grads[variable.name]!) };
}

/** The weights of the terms; those of penalties are part of their expressions. */
function termWeights({ description }: TrainableNetwork, { loss }: StepProtocol): number[] {
  return [...loss.map(({ weight }) => weight), ...(description.penalties ?? []).map(() => 1)];
}

function nameTerms(
  loss: readonly LossTerm[],
  penalties: readonly string[],
  values: ArrayLike<number>,
): Record<string, number> {
  const named: Record<string, number> = {};
  loss.forEach((term, index) => {
    const earlier = loss.slice(0, index).filter((other) => other.kind === term.kind).length;
    named[earlier === 0 ? term.kind : `${term.kind}${earlier + 1}`] = values[index]!;
  });
  penalties.forEach((name, index) => (named[`penalty.${name}`] = values[loss.length + index]!));
  return named;
}

export function lossValues(network: TrainableNetwork, protocol: StepProtocol, values: ArrayLike<number>): LossValues {
  const total = termWeights(network, protocol).reduce((sum, weight, index) => sum + weight * values[index]!, 0);
  return { loss: total, terms: nameTerms(protocol.loss, network.description.penalties ?? [], values) };
}

/**
 * A key for everything that the recording of a computation on a batch depends on besides the network: sizes, the loss,
 * and which weights take part, and whether voxels are ignored.
 */
export function batchKey(network: TrainableNetwork, batch: StepBatch, { loss, deep }: StepProtocol): string {
  const shapes = network.description.inputs.map(({ kind, name }) =>
    kind === 'image' ? batch.inputs[name]?.shape : batch.identifiers[name]?.length,
  );
  const taking = network.weights.map((weight) => (takesPart(weight, batch) ? '1' : '0')).join('');
  return JSON.stringify([shapes, batch.target.shape, hasIgnored(batch.target), loss, deep, taking]);
}

/**
 * The loss of a batch as a training step computes it (batch norm uses the statistics of the batch), but without dropout;
 * changes nothing.
 * @param noise key of the noise; undefined makes it zero
 */
export async function evaluateLoss(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
  noise?: Randomness,
): Promise<LossValues> {
  const run = await runComputation(
    {
      owner: network,
      key: `loss ${batchKey(network, batch, protocol)} ${JSON.stringify(noise)}`,
      name: 'the loss',
      compute: (current: () => StepBatch) => ({
        outputs: [batchTerms(network, current, protocol, undropped(noise))],
        updates: [],
      }),
    },
    batch,
  );
  const values = lossValues(network, protocol, run.outputs[0]!);
  run.dispose();
  return values;
}

/** A pass without dropout that moves no running statistics. */
function undropped(noise: Randomness | undefined): TrainingPass {
  return { randomness: noise && (() => noise), dropout: false };
}

/** A gradient as plain data, in the axis order of its weight. */
export interface HostGradient {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The gradient of the loss of a batch for every weight of the network, in training but without dropout, in network order
 * and PyTorch's axis order; zeros if a weight takes no part. Running statistics have none.
 * @param noise key of the noise; undefined makes it zero
 */
export async function gradients(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
  noise?: Randomness,
): Promise<Map<string, HostGradient>> {
  const run = await runComputation(
    {
      owner: network,
      key: `gradients ${batchKey(network, batch, protocol)} ${JSON.stringify(noise)}`,
      name: 'the gradients',
      compute: (current: () => StepBatch) => {
        const { terms, found, gradients: each } = backward(network, current, protocol, undropped(noise));
        terms.dispose();
        return { outputs: each, updates: [], ids: found.map(({ id }) => id) };
      },
    },
    batch,
  );
  const result = new Map<string, HostGradient>();
  for (const { id, variable, statistic } of network.weights) {
    if (statistic === true) continue;
    const place = run.result.ids.indexOf(id);
    const data = place < 0 ? new Float32Array(variable.size) : run.outputs[place]!.slice();
    result.set(id, { shape: variable.shape, data });
  }
  run.dispose();
  return result;
}

/** What the update of the weights reads at each run of its computation. */
export interface UpdateArgument {
  /** See `Optimizer.rates`; for the weights that take part. */
  readonly rates: Float32Array;
  /** The factor of the average of weights, if there is one. */
  readonly keep: number | undefined;
}

/** The argument of a step's computation. */
interface StepArgument extends UpdateArgument {
  readonly batch: StepBatch;
  readonly randomness: Randomness | undefined;
}

/** What changes the weights of a network in a step. */
export interface Updater {
  readonly optimizer: Optimizer;
  readonly average: WeightAverage | undefined;
}

/** What an update starts from. */
interface UpdateSources {
  /** The weights that `UpdateArgument.rates` are for. */
  readonly asked: readonly Parameter[];
  /** Those of them that have gradients. */
  readonly found: readonly Parameter[];
  /** Gradients before clipping, in the order of `found`. */
  readonly gradients: readonly tf.Tensor[];
  /** New values of running statistics. */
  readonly statistics?: () => readonly (readonly [tf.Variable, tf.Tensor])[];
}

/** Computes the joint norm of the gradients, and the new values of weights, moments and averages after clipping by it. */
export function clippedUpdates(
  { optimizer, average }: Updater,
  { optimizer: { clipNorm } }: StepProtocol,
  { asked, found, gradients, statistics }: UpdateSources,
  current: () => UpdateArgument,
) {
  const norm = globalNorm(gradients);
  const rates = perStep({ shape: [asked.length, 3], type: 'float32', values: () => current().rates });
  const places = found.map((parameter) => asked.indexOf(parameter));
  const rows = found.length === asked.length ? rates : tf.gather(rates, places);
  const factor = clipFactor(norm, clipNorm);
  const moved = [...optimizer.updates(found, gradients, factor, rows), ...(statistics?.() ?? [])];
  return { norm, updates: [...moved, ...(average?.updates(moved, () => current().keep!) ?? [])] };
}

/** A key for what the recording of an update depends on besides its weights. */
export function updateKey({ average }: Updater, { optimizer }: StepProtocol): string {
  return JSON.stringify([{ ...optimizer, lr: null }, average !== undefined]);
}

/**
 * Computes loss, gradients, clipping and update; the outputs are the terms of the loss and the norm of the gradients.
 */
function stepComputation(
  network: TrainableNetwork,
  updater: Updater,
  protocol: StepProtocol,
  current: () => StepArgument,
) {
  const { randomness } = current();
  const batch = (): StepBatch => current().batch;
  const random = randomness === undefined ? undefined : (): Randomness => current().randomness!;
  const movements: Movement[] = [];
  const { terms, found, gradients: each } = backward(network, batch, protocol, { randomness: random, movements });
  const asked = trainedBy(network, batch());
  const changes = { asked, found, gradients: each, statistics: () => movedValues(movements) };
  const { norm, updates } = clippedUpdates(updater, protocol, changes, current);
  tf.dispose(movements.map(({ measured }) => measured));
  const summary = tf.concat([terms, tf.reshape(norm, [1])]);
  terms.dispose();
  return { outputs: [summary], updates, found };
}

/**
 * Performs one training step: loss, gradients, clipping of the global norm, the optimiser at the given rate; running
 * statistics move towards those of the batch. A loss or gradient that is not finite changes nothing and is reported by
 * `updated: false`.
 * @param randomness key of the random numbers for dropout; undefined disables dropout
 * @param average follows the weights
 */
export async function trainStep(
  network: TrainableNetwork,
  optimizer: Optimizer,
  batch: StepBatch,
  protocol: StepProtocol,
  lr: number,
  randomness?: Randomness,
  average?: WeightAverage,
): Promise<StepResult> {
  const updater = { optimizer, average };
  const settings = `${updateKey(updater, protocol)} ${randomness !== undefined}`;
  const run = await runComputation(
    {
      owner: optimizer,
      key: `step ${batchKey(network, batch, protocol)} ${settings}`,
      name: 'the training step',
      compute: (current: () => StepArgument) => stepComputation(network, updater, protocol, current),
    },
    { batch, rates: optimizer.rates(trainedBy(network, batch), lr), randomness, keep: average?.factor },
  );
  const [values] = run.outputs as [Float32Array];
  const gradientNorm = values[values.length - 1]!;
  const result = lossValues(network, protocol, values);
  const updated = Number.isFinite(result.loss) && Number.isFinite(gradientNorm);
  if (updated) {
    run.commit();
    optimizer.advance(run.result.found);
    average?.advance();
  }
  run.dispose();
  return { ...result, gradientNorm, updated };
}
