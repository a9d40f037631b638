import type * as ort from 'onnxruntime-node';
import { onnxruntime } from '../engine/onnx/library.js';
import { threadCount } from '../engine/onnx/settings.js';
import type { HostTensor } from '../safetensors.js';

/** Whether onnxruntime can be loaded on this platform. */
export function canRunOnnx(): boolean {
  try {
    onnxruntime();
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs the bytes of an ONNX file on the CPU of onnxruntime.
 * @param inputs by name; those that the file does not take are left out
 * @returns its outputs by name
 */
export async function runOnnx(
  bytes: Uint8Array,
  inputs: ReadonlyMap<string, HostTensor>,
): Promise<Map<string, HostTensor>> {
  const { InferenceSession, Tensor } = onnxruntime();
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: threadCount() });
  try {
    const feeds = session.inputNames.map((name): [string, ort.Tensor] => {
      const tensor = inputs.get(name);
      if (tensor === undefined) throw new Error(`the input ${name} is not given`);
      return [name, new Tensor(tensor.data as Float32Array, tensor.shape)];
    });
    const results = await session.run(Object.fromEntries(feeds));
    return new Map(
      Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }]),
    );
  } finally {
    await session.release();
  }
}
