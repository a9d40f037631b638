import type * as ort from 'onnxruntime-node';
import type { HostTensor } from '../safetensors.js';

/** Runs the bytes of an ONNX file on onnxruntime's CPU, without optimisations where asked. @returns the outputs by name */
export async function runOnnx(
  bytes: Uint8Array,
  inputs: ReadonlyMap<string, HostTensor>,
): Promise<Map<string, HostTensor>> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  try {
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of session.inputNames) {
      const { shape, data } = inputs.get(name)!;
      feeds[name] = new Tensor(data as Float32Array, shape);
    }
    const results = await session.run(feeds);
    return new Map(
      Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }]),
    );
  } finally {
    await session.release();
  }
}
