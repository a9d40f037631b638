/**
 * A model's weights under their stable ids, in PyTorch's shapes whatever the engine: conv `[out, in / groups, ...k]`,
 * transposed conv `[in, out, ...k]`, depthwise `[C, 1, ...k]`, linear `[out, in]`.
 */
import * as tf from '@tensorflow/tfjs';
import type { Initial } from '../../contract/initial.js';
import type { ModelDescription, WeightDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { RuntimeLayer, variableOf } from './base.js';
import { conditionalUses } from './conditional-uses.js';
import type { Named } from './configs.js';
import { randomStream, type Random } from '../random/random-stream.js';
import { counted } from '../../text/count.js';

/** The model's layers that are ours, in order of creation. */
function layersOf(model: tf.LayersModel): readonly RuntimeLayer<Named>[] {
  const layers = model.layers.filter((layer): layer is RuntimeLayer<Named> => layer instanceof RuntimeLayer);
  return layers.sort((a, b) => a.created - b.created);
}

/** In the order in which the layers were created. `read()` returns the tensor, `write()` sets it. */
export function weightsOf(model: tf.LayersModel): Map<string, tf.LayerVariable> {
  return new Map(layersOf(model).flatMap((layer) => [...layer.weightsById()]));
}

/** Describes the weights of a model built by generated code, in the same order. */
export function describeWeights(
  model: tf.LayersModel,
  description: Pick<ModelDescription, 'inputs' | 'initial'>,
): readonly WeightDescription[] {
  const uses = conditionalUses(model, description.inputs);
  return layersOf(model).flatMap((layer) => {
    const initials = layer.initialsById(description.initial ?? {});
    const usedWhen = uses.get(layer.config.name);
    return [...layer.weightsById()].map(([id, { shape, trainable }]) => {
      const initial = initials.get(id)!;
      const plain = { id, shape: shape as readonly number[], initial, trainable };
      const described: WeightDescription = layer.isStatistic(id) ? { ...plain, statistic: true } : plain;
      return usedWhen === undefined ? described : { ...described, usedWhen };
    });
  });
}

/** The tf.Variables for gradients and optimisers, in the same order. */
export function variablesOf(model: tf.LayersModel): Map<string, tf.Variable> {
  return new Map([...weightsOf(model)].map(([id, weight]) => [id, variableOf(weight)]));
}

/**
 * Sets the initial values of every weight, each from the stream `(seed, 'weight', id)`, so that a weight starts the
 * same in every variant and on every engine.
 */
export function initialize(
  model: tf.LayersModel,
  description: Pick<ModelDescription, 'inputs' | 'initial'>,
  seed: number,
): void {
  const weights = weightsOf(model);
  for (const { id, shape, initial } of describeWeights(model, description)) {
    write(weights.get(id)!, initialValues(initial, randomStream(seed, 'weight', id), sizeOf(shape)));
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** `uniform` is in [-bound, bound); `truncated_normal` redraws until within two standard deviations. */
export function initialValues(initial: Initial, random: Random, count: number): Float32Array {
  switch (initial.kind) {
    case 'constant':
      return new Float32Array(count).fill(initial.value);
    case 'uniform':
      return Float32Array.from({ length: count }, () => (2 * random.uniform() - 1) * initial.bound);
    case 'normal':
      return Float32Array.from({ length: count }, () => random.normal() * initial.deviation);
    case 'truncated_normal':
      return Float32Array.from({ length: count }, () => truncated(random) * initial.deviation);
  }
}

function truncated(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

function write(weight: tf.LayerVariable, values: Float32Array): void {
  tf.tidy(() => {
    weight.write(tf.tensor(values, weight.shape as number[]));
  });
}

/** Copies of all weights. */
export async function getWeights(model: tf.LayersModel): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  // Asynchronous, because GPU memory cannot be read synchronously.
  for (const [id, weight] of weightsOf(model)) values.set(id, Float32Array.from(await weight.read().data()));
  return values;
}

/**
 * Sets the given weights and leaves all others unchanged.
 * @throws UserError UNET5003 if the model has no such weight or one of another size
 */
export function setWeights(model: tf.LayersModel, values: ReadonlyMap<string, Float32Array>): void {
  const weights = weightsOf(model);
  for (const [id, data] of values) {
    const weight = weights.get(id);
    if (weight === undefined) {
      throw new UserError('UNET5003', `The model ${model.name} has no weight \`${id}\`.`, misfitHelp);
    }
    const wanted = sizeOf(weight.shape as number[]);
    if (data.length !== wanted) {
      const shape = `[${weight.shape.join(', ')}]`;
      const message = `The weight \`${id}\` has ${counted(data.length, 'value')} where the model wants ${wanted} (${shape}).`;
      throw new UserError('UNET5003', message, misfitHelp);
    }
    write(weight, data);
  }
}

const misfitHelp = 'Use weights that were saved from this model with the same knobs.';
