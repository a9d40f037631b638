import { Tensor } from 'onnxruntime-common';
import { native, type NativeTensor } from '../engine/onnx/native.js';
import { threadCount } from '../engine/onnx/settings.js';
import type { HostTensor } from '../files/safetensors.js';

/** Whether onnxruntime can be loaded on this machine. */
export function canRunOnnx(): boolean {
  try {
    native();
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs the bytes of an ONNX file on onnxruntime's CPU kernels. Blocks.
 * @param inputs by name; those that the file does not have are ignored
 * @returns its outputs by name
 */
export function runOnnx(bytes: Uint8Array, inputs: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  const session = native().newSession();
  try {
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
      logSeverityLevel: 4,
      intraOpNumThreads: threadCount(),
    });
    const feeds = session.inputMetadata.map(({ name }): [string, NativeTensor] => {
      const tensor = inputs.get(name);
      if (tensor === undefined) throw new Error(`the input ${name} is not given`);
      return [name, new Tensor(tensor.data as Float32Array, tensor.shape)];
    });
    const fetches = session.outputMetadata.map(({ name }) => [name, null] as const);
    const results = session.run(Object.fromEntries(feeds), Object.fromEntries(fetches), {});
    return new Map(
      Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }]),
    );
  } finally {
    session.dispose();
  }
}
