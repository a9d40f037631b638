import type * as tf from '@tensorflow/tfjs';
import type { ModelDescription } from '../../contract/model-description.js';
import { setRandomness } from '../ops/dropout.js';
import { variablesOf } from '../layers/weights.js';
import type { Parameter } from '../training/optimizer.js';

/** Key of every random number of a training step. */
export interface Randomness {
  readonly seed: number;
  readonly step: number;
}

/** A built network as training sees it. */
export interface TrainableNetwork {
  readonly model: tf.LayersModel;
  readonly description: ModelDescription;
  /** Every weight of the description, in its order; variables have PyTorch's axis order. */
  readonly weights: readonly Parameter[];
  /**
   * Says what dropout draws from in the next call with `training: true`, asked again in each run of a recorded
   * computation; absent for a network without ours.
   */
  readonly setRandomness?: (randomness: () => Randomness) => void;
}

/** A network that generated code built. */
export function trainableNetwork(model: tf.LayersModel, description: ModelDescription): TrainableNetwork {
  const variables = variablesOf(model);
  const weights = description.weights.map(({ id }) => {
    const variable = variables.get(id);
    if (variable === undefined) throw new Error(`the model lacks the weight ${id}`);
    return { id, variable };
  });
  return { model, description, weights, setRandomness };
}
