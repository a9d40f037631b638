/**
 * Repeated computations: a training step, a window of a prediction. An engine with a recorder records a computation in
 * its first run and replays it; other engines run its kernels each time.
 */
import * as tf from '@tensorflow/tfjs';

/** The result of a computation: tensors to read, and new values of variables. It assigns nothing itself. */
export interface Computed {
  readonly outputs: readonly tf.Tensor[];
  readonly updates: readonly (readonly [tf.Variable, tf.Tensor])[];
}

export interface Computation<A, R extends Computed> {
  /** The owner; recordings are kept as long as it. */
  readonly owner: object;
  /**
   * Distinguishes the computations of an owner; contains everything that shapes the recording: sizes, settings, weights
   * that take part.
   */
  readonly key: string;
  /** Name for people: `the training step`. */
  readonly name: string;
  /**
   * Computes with tensors that are variables, constants, or created by `perStep` from `argument()`, which is the
   * argument of the current run. Nothing else that changes from run to run may be used.
   */
  readonly compute: (argument: () => A) => R;
}

export interface ComputationRun<R> {
  readonly result: R;
  /** The numbers of the outputs, in memory order; valid until the next run of the computation. */
  readonly outputs: readonly Float32Array[];
  /** Assigns the new values to the variables. May be called at most once; without it nothing changes. */
  commit(): void;
  /** Frees everything that is not needed after `commit`. */
  dispose(): void;
}

/** Records and replays computations for an engine. */
export interface Recorder {
  /** Undefined if the computation cannot be recorded. */
  run<A, R extends Computed>(computation: Computation<A, R>, argument: A): ComputationRun<R> | undefined;
  /** Frees the recordings of an owner. */
  forget(owner: object): void;
}

let current: Recorder | undefined;
/** Every recorder that may hold recordings, even if another engine was selected later. */
const recorders = new Set<Recorder>();

/** Sets the recorder of the current engine; undefined if it has none. */
export function useRecorder(recorder: Recorder | undefined): void {
  current = recorder;
  if (recorder !== undefined) recorders.add(recorder);
}

/** Runs a computation with an argument. */
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

/** Frees the recordings of an owner. */
export function forgetComputations(owner: object): void {
  for (const recorder of recorders) recorder.forget(owner);
}
