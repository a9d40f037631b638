import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { sizeOf, type ElementType, type Numbers } from '../../../onnx/graph.js';
import { BufferPool } from './pool.js';
import type { Traced } from './trace/trace.js';

/** What the backend keeps of a tensor's data. */
export interface Stored {
  values: Numbers;
  readonly dtype: tf.DataType;
  refCount: number;
  /** While a step is recorded: what stands for the data, which does not exist yet. */
  traced?: Traced | undefined;
}

/** Thrown where a recorded step asks for numbers that only a run can give. */
export class Untraceable extends Error {
  override readonly name = 'Untraceable';
}

/**
 * The tfjs backend `onnx`. Data lies in typed arrays, as in tfjs's cpu backend, whose kernels can therefore stand in for
 * those that onnxruntime does not have.
 */
export class OnnxBackend extends MathBackendCPU {
  readonly pool = new BufferPool();

  constructor() {
    super();
    // The cpu backend would print its advertisement for tfjs-node.
    Object.assign(this, { firstUse: false });
  }

  stored(dataId: object): Stored {
    return this.data.get(dataId) as unknown as Stored;
  }

  /** A float32 tensor of memory from the pool, its values yet to be written. */
  makeEmpty(shape: readonly number[]): tf.TensorInfo {
    return this.makeTensorInfo([...shape], 'float32', this.pool.take(sizeOf(shape)));
  }

  /** A tensor that stands for data to come. */
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
    // The pool writes into its arrays again once the tensor is gone.
    return this.pool.isOwn(stored.values) ? (stored.values.slice() as tf.BackendValues) : super.readSync(dataId);
  }
}

/** The backend in use, where it is ours. */
export function onnxBackend(): OnnxBackend | undefined {
  const backend = tf.getBackend() === 'onnx' ? tf.backend() : undefined;
  return backend instanceof OnnxBackend ? backend : undefined;
}
