import type * as tf from '@tensorflow/tfjs';
import type { RuntimeLayer } from '../layers/base.js';
import type { Named } from '../layers/configs.js';
import { takeShared } from './shared.js';

/** A layer with its settings, ready to be applied. */
export interface LayerCall {
  /** Applies it to tensors, and returns the result. */
  on(...tensors: tf.SymbolicTensor[]): tf.SymbolicTensor;
}

/**
 * A call of a layer without weights.
 * @param create the layer, by the number of spatial axes of its first operand
 */
export function plainCall(create: (rank: number) => RuntimeLayer<Named>): LayerCall {
  return { on: (...tensors) => create(rankOf(tensors)).on(...tensors) };
}

/** A call of a layer with weights; in a later use of a `shared` layer, the layer is the one of its first use. */
export function weightedCall(create: (rank: number) => RuntimeLayer<Named>): LayerCall {
  return { on: (...tensors) => takeShared(() => create(rankOf(tensors))).on(...tensors) };
}

/** The number of spatial axes of the first operand: all but the batch and the channels. */
function rankOf([first]: readonly tf.SymbolicTensor[]): number {
  return (first?.shape.length ?? 2) - 2;
}
