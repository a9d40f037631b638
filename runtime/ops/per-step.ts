/**
 * Tensors from outside the network that change in every step: batches, targets, dropout masks, learning rates. An
 * engine that records a step and replays it requests their values again each time; it may keep everything else.
 */
import * as tf from '@tensorflow/tfjs';

export interface PerStep {
  readonly shape: readonly number[];
  readonly type: 'float32' | 'int32';
  /** The values for the current step, in memory order. */
  readonly values: () => Float32Array | Int32Array;
}

export type Recorder = (source: PerStep) => tf.Tensor;

let recorder: Recorder | undefined;

/** While a recorder is set, `perStep` returns the tensors that it creates. Returns the previous recorder. */
export function setPerStepRecorder(next: Recorder | undefined): Recorder | undefined {
  const before = recorder;
  recorder = next;
  return before;
}

export function perStep(source: PerStep): tf.Tensor {
  if (recorder !== undefined) return recorder(source);
  return tf.tensor(source.values(), [...source.shape], source.type);
}
