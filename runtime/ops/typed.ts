/**
 * Kernels as plain loops over typed arrays, for backends whose tensors are in our own memory (`cpu`, `wasm`). Sums use
 * double precision.
 */
import * as tf from '@tensorflow/tfjs';

interface WasmMemory {
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  makeOutput(shape: readonly number[], dtype: 'float32'): tf.TensorInfo;
}

/** Whether loops over typed arrays are used on the current backend. */
export function hasTypedArrays(): boolean {
  const backend = tf.getBackend();
  return backend === 'wasm' || backend === 'cpu';
}

/**
 * Returns a float32 tensor of `shape` that `fill(output, inputs)` fills; `output` is uninitialised. On wasm the arrays
 * are in the backend's heap and valid only during the call.
 */
export function computeTyped(
  inputs: readonly tf.Tensor[],
  shape: readonly number[],
  fill: (output: Float32Array, ...inputs: Float32Array[]) => void,
): tf.Tensor {
  if (tf.getBackend() === 'wasm') {
    const backend = tf.backend() as unknown as WasmMemory;
    // Allocated first, because it may grow the heap, which invalidates earlier views.
    const output = backend.makeOutput([...shape], 'float32');
    // A tensor created on another backend is moved here when its data is requested.
    const arrays = inputs.map((input) => (isHere(input) ? undefined : (input.dataSync() as Float32Array)));
    fill(
      backend.typedArrayFromHeap(output),
      ...inputs.map((input, index) => arrays[index] ?? backend.typedArrayFromHeap(input)),
    );
    return tf.engine().makeTensorFromTensorInfo(output);
  }
  const output = new Float32Array(shape.reduce((total, size) => total * size, 1));
  fill(output, ...inputs.map((input) => input.dataSync() as Float32Array));
  return tf.tensor(output, [...shape]);
}

function isHere(tensor: tf.Tensor): boolean {
  const backend = tf.backend() as unknown as { readonly dataIdMap: { has(dataId: object): boolean } };
  return backend.dataIdMap.has(tensor.dataId);
}
