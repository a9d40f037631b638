/**
 * Kernels as plain loops over typed arrays, for the backends whose tensors lie in our own memory (`cpu`, `wasm`). Sums
 * are kept in double precision.
 */
import * as tf from '@tensorflow/tfjs';

interface WasmMemory {
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  makeOutput(shape: readonly number[], dtype: 'float32'): tf.TensorInfo;
}

/** Whether loops over typed arrays are the way to compute on the backend in use. */
export function hasTypedArrays(): boolean {
  const backend = tf.getBackend();
  return backend === 'wasm' || backend === 'cpu';
}

/**
 * A float32 tensor of `shape`, filled by `fill(output, inputs)`; `output` starts with unknown values. On wasm the
 * arrays lie in the backend's heap and are valid only during the call.
 */
export function computeTyped(
  inputs: readonly tf.Tensor[],
  shape: readonly number[],
  fill: (output: Float32Array, ...inputs: Float32Array[]) => void,
): tf.Tensor {
  if (tf.getBackend() === 'wasm') {
    const backend = tf.backend() as unknown as WasmMemory;
    // Asked for first: it may grow the heap, which moves it away from under arrays made before.
    const output = backend.makeOutput([...shape], 'float32');
    // A tensor made on another backend moves here when its data is asked for.
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
