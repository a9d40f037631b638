import type * as tf from '@tensorflow/tfjs';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Batch, FloatTensor } from '../data/types.js';
import { toPhysical } from '../ops/layout.js';
import { withoutRandomness } from '../ops/dropout.js';
import { perStep } from '../ops/per-step.js';
import { collectingMovements, type Movement } from '../ops/running.js';
import { predictionModel } from './prediction-model.js';
import type { Randomness, TrainableNetwork } from './trainable-network.js';

/**
 * The network's inputs in the order of the description and the current layout.
 * @param batch their values; called again in each run of a recorded computation
 */
export function inputTensors(
  description: ModelDescription,
  batch: () => Pick<Batch, 'inputs' | 'identifiers'>,
): tf.Tensor[] {
  return description.inputs.map(({ kind, name }) => {
    if (kind === 'image') {
      const image = (): FloatTensor => given(batch().inputs, name);
      return toPhysical(perStep({ shape: image().shape, type: 'float32', values: () => image().data }));
    }
    const values = (): Int32Array => given(batch().identifiers, name);
    return perStep({ shape: [values().length, 1], type: 'int32', values });
  });
}

function given<T>(inputs: Readonly<Record<string, T>>, name: string): T {
  const found = inputs[name];
  if (found === undefined) throw new Error(`the batch has no input ${name}`);
  return found;
}

/** A forward pass of training, in which batch norm uses the statistics of the batch. */
export interface TrainingPass {
  /** Key of the random numbers for dropout and noise; undefined disables dropout and makes noise zero. */
  readonly randomness: (() => Randomness) | undefined;
  /** False disables dropout alone. */
  readonly dropout?: false;
  /** Receives the movements of running statistics; by default, they do not move. */
  readonly movements?: Movement[];
}

/**
 * All predictions of the network (each output, then its auxiliary ones), logits in memory order.
 * @param pass set in training, which also computes the penalties; they follow the predictions
 */
export function predictions(network: TrainableNetwork, inputs: tf.Tensor[], pass?: TrainingPass): tf.Tensor[] {
  const fed = inputs.length === 1 ? inputs[0]! : inputs;
  const model = pass === undefined ? predictionModel(network.model, network.description) : network.model;
  const run = (): tf.Tensor | tf.Tensor[] =>
    model.apply(fed, { training: pass !== undefined }) as tf.Tensor | tf.Tensor[];
  const outputs = pass === undefined ? run() : collectingMovements(pass.movements, () => dropping(network, pass, run));
  return Array.isArray(outputs) ? outputs : [outputs];
}

function dropping<T>(network: TrainableNetwork, { randomness, dropout }: TrainingPass, run: () => T): T {
  if (randomness === undefined) return withoutRandomness('dropout and noise', run);
  network.setRandomness?.(randomness);
  return dropout === false ? withoutRandomness('dropout', run) : run();
}
