import type * as tf from '@tensorflow/tfjs';
import type { ModelDescription, WeightDescription } from '../../contract/model-description.js';
import { setRandomness } from '../ops/dropout.js';
import { describeWeights, variablesOf } from '../layers/weights.js';
import type { Parameter } from './parameter.js';

/** Key of all random numbers of a training step. */
export interface Randomness {
  readonly seed: number;
  readonly step: number;
}

/** A weight of a built network. */
export interface NetworkWeight extends Parameter, WeightDescription {}

/** A built network, as training uses it. */
export interface TrainableNetwork {
  readonly model: tf.LayersModel;
  readonly description: ModelDescription;
  /** Every weight, in the order of the layers; variables have PyTorch's axis order. */
  readonly weights: readonly NetworkWeight[];
  /**
   * Sets the random stream of dropout for the next call with `training: true`; a function is called in each run of a
   * recorded computation. Absent for a network without our dropout layers.
   */
  readonly setRandomness?: (randomness: () => Randomness) => void;
}

/** Wraps a network built by generated code. */
export function trainableNetwork(model: tf.LayersModel, description: ModelDescription): TrainableNetwork {
  const variables = variablesOf(model);
  const weights = describeWeights(model, description).map((weight) => ({
    ...weight,
    variable: variables.get(weight.id)!,
  }));
  return { model, description, weights, setRandomness };
}
