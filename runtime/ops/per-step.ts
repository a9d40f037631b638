/**
 * Tensors that come from outside of the network and are others in every step: batches, targets, dropout masks, rates. An
 * engine that records a step and replays it asks for their values again each time; all else it may keep.
 */
import * as tf from '@tensorflow/tfjs';

export interface PerStep {
  readonly shape: readonly number[];
  readonly type: 'float32' | 'int32';
  /** The values of the step under way, in memory order. */
  readonly values: () => Float32Array | Int32Array;
}

export type Recorder = (source: PerStep) => tf.Tensor;

let recorder: Recorder | undefined;

/** While set, `perStep` gives what the recorder makes. Returns the one before. */
export function setPerStepRecorder(next: Recorder | undefined): Recorder | undefined {
  const before = recorder;
  recorder = next;
  return before;
}

export function perStep(source: PerStep): tf.Tensor {
  if (recorder !== undefined) return recorder(source);
  return tf.tensor(source.values(), [...source.shape], source.type);
}
