import * as tf from '@tensorflow/tfjs';
import type { Batch, LabelTensor } from '../data/types.js';
import type { ModelDescription, OutputDescription, WeightDescription } from '../description.js';
import { physicalAxis, toPhysical } from '../layout.js';
import type { Protocol } from '../protocol.js';
import { deepWeights, lossTerms, type LossTerm } from './losses.js';
import type { Randomness, TrainableNetwork } from './network.js';
import { clipFactor, globalNorm, type AdamW, type Parameter } from './optimizer.js';
import { cropToOutput, encodeTarget, resizeToAuxiliary } from './targets.js';

/** What a step needs of a batch. */
export type StepBatch = Pick<Batch, 'inputs' | 'identifiers' | 'target'>;

/** What a step reads of a protocol. */
export type StepProtocol = Pick<Protocol, 'loss' | 'deep' | 'optimizer'>;

/** The loss of a batch, before the update. */
export interface LossValues {
  readonly loss: number;
  /** Unweighted terms, `dice` and `cross_entropy` (`dice2` for a second one); deep-supervised ones averaged. */
  readonly terms: Readonly<Record<string, number>>;
}

export interface StepResult extends LossValues {
  /** Norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** False where the loss or a gradient was not finite; the weights are then as they were. */
  readonly updated: boolean;
}

/** The network's inputs in the description's order, as the current layout has them. */
export function inputTensors(description: ModelDescription, batch: Omit<StepBatch, 'target'>): tf.Tensor[] {
  return description.inputs.map((input) => {
    const given = input.kind === 'image' ? batch.inputs[input.name] : batch.identifiers[input.name];
    if (given === undefined) throw new Error(`the batch has no input ${input.name}`);
    return given instanceof Int32Array
      ? tf.tensor2d(given, [given.length, 1], 'int32')
      : toPhysical(tf.tensor(given.data, [...given.shape], 'float32'));
  });
}

/**
 * All predictions of the network (each output, then its auxiliary ones), logits in memory order.
 * @param randomness key of the dropout's random numbers; undefined: dropout off
 */
export function predictions(network: TrainableNetwork, inputs: tf.Tensor[], randomness?: Randomness): tf.Tensor[] {
  const given = inputs.length === 1 ? inputs[0]! : inputs;
  if (randomness !== undefined) network.setRandomness?.(randomness);
  const outputs = network.model.apply(given, { training: randomness !== undefined }) as tf.Tensor | tf.Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

function spatialSizes(logits: tf.Tensor): number[] {
  return Array.from({ length: logits.rank - 2 }, (_, axis) => logits.shape[physicalAxis(axis + 2, logits.rank)]!);
}

/** One output's terms, `[terms]`, averaged over it and its auxiliary predictions. */
function outputTerms(
  levels: tf.Tensor[],
  target: LabelTensor,
  output: OutputDescription,
  protocol: StepProtocol,
): tf.Tensor {
  const finest = cropToOutput(target, spatialSizes(levels[0]!), output.name);
  const weights = deepWeights(output.auxiliary, protocol.deep);
  const parts = levels.map((logits, level) => {
    const own = level === 0 ? finest : resizeToAuxiliary(finest, spatialSizes(logits));
    return tf.mul(lossTerms(logits, encodeTarget(own, output), output.kind, protocol.loss), weights[level]!);
  });
  return tf.addN(parts);
}

/** The terms of the loss, `[terms]`, summed over outputs. */
function batchTerms(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
  randomness?: Randomness,
): tf.Tensor {
  const all = predictions(network, inputTensors(network.description, batch), randomness);
  let next = 0;
  const parts = network.description.outputs.map((output) => {
    const levels = all.slice(next, next + 1 + output.auxiliary);
    next += levels.length;
    return outputTerms(levels, batch.target, output, protocol);
  });
  return tf.addN(parts);
}

function takesPart(weight: WeightDescription, batch: StepBatch): boolean {
  if (weight.trainable === false) return false;
  const { usedWhen } = weight;
  if (usedWhen === undefined) return true;
  const identifiers = batch.identifiers[usedWhen.input];
  return identifiers === undefined || identifiers.some((value) => value >= 0 === usedWhen.given);
}

/** The weights that a step on this batch may change, in the description's order. */
export function trainedBy(network: TrainableNetwork, batch: StepBatch): Parameter[] {
  const { weights } = network.description;
  return network.weights.filter((_, index) => takesPart(weights[index]!, batch));
}

interface Gradients {
  /** Unweighted terms, `[terms]`. */
  readonly terms: tf.Tensor;
  /** By weight id; ids that the loss does not depend on are absent. */
  readonly gradients: Record<string, tf.Tensor>;
}

/**
 * The terms of the loss and the gradient of the whole for every weight that takes part in this batch. A weight that
 * nothing connects to the loss is left out (tfjs leaves it out of its answer); one whose `usedWhen` is not met is
 * not asked for, since a masked table still passes zeros through.
 */
function backward(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
  randomness: Randomness | undefined,
): Gradients {
  return tf.tidy(() => {
    const asked = trainedBy(network, batch);
    const weights = tf.tensor1d(protocol.loss.map((term) => term.weight));
    let terms: tf.Tensor | undefined;
    const loss = (): tf.Scalar => {
      terms = tf.keep(batchTerms(network, batch, protocol, randomness));
      return tf.sum(tf.mul(terms, weights));
    };
    const variables = asked.map(({ variable }) => variable);
    const { grads } = tf.variableGrads(loss, variables);
    const found = asked.filter(({ variable }) => grads[variable.name] !== undefined);
    const gradients = Object.fromEntries(found.map(({ id, variable }) => [id, grads[variable.name]!]));
    return { terms: terms!, gradients };
  });
}

function nameTerms(loss: readonly LossTerm[], values: ArrayLike<number>): Record<string, number> {
  const named: Record<string, number> = {};
  loss.forEach((term, index) => {
    const earlier = loss.slice(0, index).filter((other) => other.kind === term.kind).length;
    named[earlier === 0 ? term.kind : `${term.kind}${earlier + 1}`] = values[index]!;
  });
  return named;
}

function lossValues(loss: readonly LossTerm[], values: ArrayLike<number>): LossValues {
  const total = loss.reduce((sum, term, index) => sum + term.weight * values[index]!, 0);
  return { loss: total, terms: nameTerms(loss, values) };
}

/** The loss of a batch with dropout off; nothing changes. */
export async function evaluateLoss(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
): Promise<LossValues> {
  const terms = tf.tidy(() => batchTerms(network, batch, protocol));
  const values = await terms.data();
  terms.dispose();
  return lossValues(protocol.loss, values);
}

/** A gradient outside of tfjs, in its weight's own axis order. */
export interface HostGradient {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The gradient of the loss of a batch for every weight of the description, dropout off, in its order and PyTorch's
 * axis order; zeros where a weight takes no part.
 */
export async function gradients(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
): Promise<Map<string, HostGradient>> {
  const { terms, gradients: found } = backward(network, batch, protocol, undefined);
  const result = new Map<string, HostGradient>();
  for (const { id, variable } of network.weights) {
    const gradient = found[id];
    const data = gradient === undefined ? new Float32Array(variable.size) : ((await gradient.data()) as Float32Array);
    result.set(id, { shape: variable.shape, data: data.slice() });
  }
  tf.dispose([terms, ...Object.values(found)]);
  return result;
}

/**
 * One training step: loss, gradients, clip of the global norm, AdamW at the given rate. A loss or gradient that is not
 * finite changes nothing and is told by `updated: false`.
 * @param randomness key of the dropout's random numbers; undefined: dropout off
 */
export async function trainStep(
  network: TrainableNetwork,
  optimizer: AdamW,
  batch: StepBatch,
  protocol: StepProtocol,
  lr: number,
  randomness?: Randomness,
): Promise<StepResult> {
  const { terms, gradients: found } = backward(network, batch, protocol, randomness);
  const norm = globalNorm(Object.values(found));
  const summary = tf.tidy(() => tf.concat([terms, tf.reshape(norm, [1])]));
  const values = await summary.data();
  const gradientNorm = values[values.length - 1]!;
  const result = lossValues(protocol.loss, values);
  const updated = Number.isFinite(result.loss) && Number.isFinite(gradientNorm);
  if (updated) {
    const factor = clipFactor(norm, protocol.optimizer.clipNorm);
    optimizer.apply(network.weights, new Map(Object.entries(found)), lr, factor);
    factor.dispose();
  }
  tf.dispose([terms, norm, summary, ...Object.values(found)]);
  return { ...result, gradientNorm, updated };
}
