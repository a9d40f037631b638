import type * as tf from '@tensorflow/tfjs';
import type { ModelDescription } from '../description.js';
import type { Parameter } from './optimizer.js';

/** A built network as training sees it. */
export interface TrainableNetwork {
  readonly model: tf.LayersModel;
  readonly description: ModelDescription;
  /** Every weight of the description, in its order; variables have PyTorch's axis order. */
  readonly weights: readonly Parameter[];
  /** Says what dropout draws from in the next call with `training: true`; absent for a network without ours. */
  readonly setRandomness?: (randomness: Randomness) => void;
}

/** Key of every random number of a training step. */
export interface Randomness {
  readonly seed: number;
  readonly step: number;
}
