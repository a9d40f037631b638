/**
 * Computations that are repeated: a training step, a window of a prediction. An engine with a recorder records one at its
 * first run and replays it; the others run its kernels each time.
 */
import * as tf from '@tensorflow/tfjs';

/** What a computation returns: tensors to read, and new values of variables. It assigns nothing itself. */
export interface Computed {
  readonly outputs: readonly tf.Tensor[];
  readonly updates: readonly (readonly [tf.Variable, tf.Tensor])[];
}

export interface Computation<A, R extends Computed> {
  /** What it belongs to: recordings are kept as long as this. */
  readonly owner: object;
  /** Tells apart the computations of an owner, with all that shapes the recording: sizes, settings, weights that take part. */
  readonly key: string;
  /** For people: `the training step`. */
  readonly name: string;
  /**
   * Computes with tensors that are variables, constants, or made by `perStep` out of `argument()`, which is the argument
   * of the run under way. Nothing else that changes from run to run may enter.
   */
  readonly compute: (argument: () => A) => R;
}

export interface ComputationRun<R> {
  readonly result: R;
  /** The outputs' numbers, in memory order; valid until the next run of the computation. */
  readonly outputs: readonly Float32Array[];
  /** Gives the variables their new values. To be called at most once; without it nothing changes. */
  commit(): void;
  /** Lets go of what is not needed after `commit`. */
  dispose(): void;
}

/** Records computations and replays them, for an engine. */
export interface Recorder {
  /** Undefined if the computation cannot be recorded. */
  run<A, R extends Computed>(computation: Computation<A, R>, argument: A): ComputationRun<R> | undefined;
  /** Frees what is recorded for an owner. */
  forget(owner: object): void;
}

let current: Recorder | undefined;
/** Every recorder that may hold recordings, also after another engine was selected. */
const recorders = new Set<Recorder>();

/** Sets the recorder of the engine in use; undefined for an engine that has none. */
export function useRecorder(recorder: Recorder | undefined): void {
  current = recorder;
  if (recorder !== undefined) recorders.add(recorder);
}

/** Runs a computation on an argument. */
export async function runComputation<A, R extends Computed>(
  computation: Computation<A, R>,
  argument: A,
): Promise<ComputationRun<R>> {
  return current?.run(computation, argument) ?? (await kernelByKernel(computation, argument));
}

async function kernelByKernel<A, R extends Computed>(
  { compute }: Computation<A, R>,
  argument: A,
): Promise<ComputationRun<R>> {
  const kept: tf.Tensor[] = [];
  const result = tf.tidy(() => {
    const computed = compute(() => argument);
    for (const tensor of [...computed.outputs, ...computed.updates.map(([, tensor]) => tensor)])
      kept.push(tf.keep(tensor));
    return computed as R & tf.TensorContainer;
  }) as R;
  const outputs = await Promise.all(result.outputs.map(async (tensor) => (await tensor.data()) as Float32Array));
  return {
    result,
    outputs,
    commit: () => {
      for (const [variable, tensor] of result.updates) variable.assign(tensor);
    },
    dispose: () => tf.dispose(kept),
  };
}

/** Frees what is recorded for an owner. */
export function forgetComputations(owner: object): void {
  for (const recorder of recorders) recorder.forget(owner);
}
