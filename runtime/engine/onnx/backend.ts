import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { sizeOf, type ElementType, type Numbers } from '../../../onnx/graph.js';
import { BufferPool } from './pool.js';
import type { Traced } from './trace/trace.js';

/** The backend's record of a tensor's data. */
export interface Stored {
  values: Numbers;
  readonly dtype: tf.DataType;
  refCount: number;
  /** While a step is recorded: the placeholder for data that does not exist yet. */
  traced?: Traced | undefined;
}

/** Thrown when a recorded step requests values that only a run can compute. */
export class Untraceable extends Error {
  override readonly name = 'Untraceable';
}

/**
 * The tfjs backend `onnx`. Data is in typed arrays, as in tfjs's cpu backend, whose kernels can therefore be used for
 * those that onnxruntime does not have.
 */
export class OnnxBackend extends MathBackendCPU {
  readonly pool = new BufferPool();

  constructor() {
    super();
    // The cpu backend would print its recommendation of tfjs-node.
    Object.assign(this, { firstUse: false });
  }

  stored(dataId: object): Stored {
    return this.data.get(dataId) as unknown as Stored;
  }

  /** Creates a float32 tensor with uninitialised memory from the pool. */
  makeEmpty(shape: readonly number[]): tf.TensorInfo {
    return this.makeTensorInfo([...shape], 'float32', this.pool.take(sizeOf(shape)));
  }

  /** Creates a tensor for data that does not exist yet. */
  makeTraced(shape: readonly number[], type: ElementType, traced: Traced): tf.TensorInfo {
    const info = this.makeTensorInfo([...shape], type as tf.DataType, undefined);
    this.stored(info.dataId).traced = traced;
    return info;
  }

  override disposeData(dataId: object, force = false): boolean {
    const stored = this.data.has(dataId) ? this.stored(dataId) : undefined;
    const gone = super.disposeData(dataId, force);
    if (stored !== undefined && !this.data.has(dataId) && stored.values !== undefined)
      this.pool.giveBack(stored.values);
    return gone;
  }

  override readSync(dataId: object): tf.BackendValues {
    const stored = this.stored(dataId);
    if (stored.traced !== undefined)
      throw new Untraceable('it reads the values of a tensor while the step is being recorded');
    // The pool reuses its arrays once the tensor is disposed of.
    return this.pool.isOwn(stored.values) ? (stored.values.slice() as tf.BackendValues) : super.readSync(dataId);
  }
}

/** The current backend, if it is ours. */
export function onnxBackend(): OnnxBackend | undefined {
  const backend = tf.getBackend() === 'onnx' ? tf.backend() : undefined;
  return backend instanceof OnnxBackend ? backend : undefined;
}
