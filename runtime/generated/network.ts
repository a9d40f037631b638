/** The inputs, params and outputs of a generated network, and the model itself. */
import * as tf from '@tensorflow/tfjs';
import type { ModelDescription } from '../../contract/model-description.js';
import { toLogicalOrder, toPhysicalOrder } from '../ops/layout.js';
import type { InitialConfig } from '../layers/configs.js';
import { graphName } from '../layers/graph-name.js';
import { Param } from '../layers/table.js';
import { Tie } from '../layers/tie.js';
import { initialize } from '../layers/weights.js';
import { takeShared } from './shared.js';

type Tensor = tf.SymbolicTensor;

/** Options of every generated `build` function. */
export interface BuildOptions {
  /** Random seed: each weight's initial values are derived from it and the weight's id. Defaults to 0. */
  readonly seed?: number | undefined;
}

/** An input of the model being built. Params are attached to it, because every layer in the graph needs an operand. */
let input: Tensor | undefined;

/** The number of values of each identifier input. */
const counts = new WeakMap<Tensor, number>();

/** The image `[N, channels, ...sizes]` with the name `name` in the description. */
export function imageInput({ inputs }: Pick<ModelDescription, 'inputs'>, name: string): Tensor {
  const described = inputs.find((each) => each.name === name);
  if (described?.kind !== 'image') throw new Error(`the description has no image ${name}`);
  const sizes = described.axes.map(({ size }) => size ?? null);
  const batchShape = toPhysicalOrder([null, described.channels.length, ...sizes]);
  input = tf.input({ name: graphName(name), batchShape, dtype: 'float32' });
  return input;
}

/** One integer per case, -1 for none, as `[N, 1]`: tfjs's `predict` does not accept a tensor of one axis. */
export function identifierInput({ inputs }: Pick<ModelDescription, 'inputs'>, name: string): Tensor {
  const described = inputs.find((each) => each.name === name);
  if (described?.kind !== 'identifier') throw new Error(`the description has no identifier ${name}`);
  input = tf.input({ name: graphName(name), batchShape: [null, 1], dtype: 'int32' });
  counts.set(input, described.count);
  return input;
}

/** The number of values of an identifier input. */
export function count(identifier: Tensor): number {
  const known = counts.get(identifier);
  if (known === undefined) throw new Error('not an identifier input');
  return known;
}

/** The number of channels of a tensor: the size of its first axis. */
export function channels(x: Tensor): number {
  return size(x, 0);
}

/** The size of an axis, which must not depend on the patch; axis 0 is the first one after the batch. */
export function size(x: Tensor, axis: number): number {
  const known = toLogicalOrder(x.shape)[axis + 1];
  if (typeof known !== 'number') throw new Error(`axis ${axis} of ${x.name} has no fixed size`);
  return known;
}

/**
 * A trained tensor without a batch axis: a number or a distribution as initial value, and `[]` as the shape of a
 * scalar.
 */
export function param(
  name: string,
  settings: {
    readonly shape: readonly number[];
    readonly initial: number | InitialConfig;
    readonly trainable?: boolean;
  },
): Tensor {
  const { initial } = settings;
  const config = { ...settings, initial: typeof initial === 'number' ? constant(initial) : initial };
  if (input === undefined) throw new Error('a network begins with its inputs');
  return takeShared(() => new Param({ name, ...config })).on(input);
}

function constant(value: number): InitialConfig {
  return { kind: 'constant', value };
}

/**
 * Returns the model with its initial weights. Outputs are in the order of the description, each before its auxiliary
 * ones; the tensors of penalties follow.
 */
export function finish({
  description,
  inputs,
  outputs,
  seed = 0,
}: {
  readonly description: ModelDescription;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly seed?: number | undefined;
}): tf.LayersModel {
  input = undefined;
  const { name } = description;
  // Prediction omits the penalties, but takes the same inputs.
  const unused = unusedInputs(inputs, outputs.slice(0, outputs.length - (description.penalties?.length ?? 0)));
  const [first, ...others] = outputs as [Tensor, ...Tensor[]];
  const tied = unused.length === 0 ? first : new Tie({ name: `${name}.unused` }).on(first, ...unused);
  const model = tf.model({ name, inputs: [...inputs], outputs: [tied, ...others] });
  initialize(model, description, seed);
  return model;
}

function unusedInputs(inputs: readonly Tensor[], outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<number>();
  const visit = (tensor: Tensor): void => {
    if (seen.has(tensor.id)) return;
    seen.add(tensor.id);
    tensor.inputs.forEach(visit);
  };
  outputs.forEach(visit);
  return inputs.filter((each) => !seen.has(each.id));
}
