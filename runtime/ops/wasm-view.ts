/**
 * Runs kernels of the wasm backend on part of another tensor's memory without copying it. The backend's kernels accept
 * any address in its heap. Relies on `BackendWasm` of tfjs-backend-wasm 4.22: `dataIdMap`, and
 * `wasm.tfjs.registerTensor` and `disposeData`, which track addresses and free nothing.
 */
import * as tf from '@tensorflow/tfjs';

interface WasmBackend {
  readonly dataIdMap: {
    get(dataId: object): { readonly memoryOffset: number };
    set(dataId: object, data: object): void;
    delete(dataId: object): boolean;
  };
  dataIdNextNumber: number;
  readonly wasm: {
    readonly tfjs: {
      registerTensor(id: number, size: number, memoryOffset: number): void;
      disposeData(id: number): void;
    };
  };
}

/** Whether the current backend supports it. */
export function canUseViews(): boolean {
  return tf.getBackend() === 'wasm';
}

/** Elements `[offset, offset + rows * length)` of `x` as `[rows, length]`, times `right` `[length, columns]`. */
export function multiplyView(x: tf.Tensor, offset: number, rows: number, right: tf.Tensor): tf.Tensor {
  const attributes = { transposeA: false, transposeB: false };
  return onView('BatchMatMul', x, offset, [rows, right.shape[0]], right, attributes);
}

/** Elements `[offset, offset + right.size)` of `x`, each multiplied by the corresponding element of `right`. */
export function scaleView(x: tf.Tensor, offset: number, right: tf.Tensor): tf.Tensor {
  return onView('Multiply', x, offset, right.shape, right, {});
}

/** Runs a kernel with operands a and b, where a is a view of `x`. */
function onView(
  kernelName: string,
  x: tf.Tensor,
  offset: number,
  shape: number[],
  right: tf.Tensor,
  attributes: Record<string, boolean>,
): tf.Tensor {
  const backend = tf.backend() as unknown as WasmBackend;
  const id = backend.dataIdNextNumber++;
  const dataId = { id };
  const memoryOffset = backend.dataIdMap.get(x.dataId).memoryOffset + 4 * offset;
  backend.dataIdMap.set(dataId, { id, memoryOffset, shape, dtype: 'float32', refCount: 1 });
  const size = shape.reduce((total, each) => total * each, 1);
  backend.wasm.tfjs.registerTensor(id, size, memoryOffset);
  const result = tf.getKernel(kernelName, 'wasm').kernelFunc({
    inputs: { a: { dataId, shape, dtype: 'float32' }, b: right },
    backend: tf.backend(),
    attrs: attributes,
  }) as tf.TensorInfo;
  backend.wasm.tfjs.disposeData(id);
  backend.dataIdMap.delete(dataId);
  return tf.engine().makeTensorFromTensorInfo(result);
}
