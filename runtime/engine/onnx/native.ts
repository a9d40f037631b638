/**
 * The one place that knows onnxruntime-node's inside. tfjs kernels are synchronous, and the package's public API is not:
 * `binding.InferenceSession.run` in it blocks and returns. The path is internal, so the package's version is pinned
 * (1.30.0) and everything else of ours goes through here.
 */
import type { Tensor } from 'onnxruntime-node';
import type { ElementType, Numbers } from './graph/value.js';
import { insideOnnxruntime, onnxruntime } from './library.js';

/** A native tensor over memory of ours: nothing is copied, neither in nor out. */
export type NativeTensor = Tensor;

export interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  run(
    feeds: Readonly<Record<string, NativeTensor>>,
    fetches: Readonly<Record<string, NativeTensor>>,
    options: object,
  ): Record<string, NativeTensor>;
  dispose(): void;
}

interface Native {
  readonly newSession: () => NativeSession;
  readonly newTensor: (type: ElementType, data: Numbers, shape: readonly number[]) => NativeTensor;
  readonly version: string;
}

let loaded: Native | undefined;

/** Loads the library; throws where the package or its binary for this platform is missing. */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

function load(): Native {
  const { Tensor } = onnxruntime();
  const inside = insideOnnxruntime('binding.js') as {
    readonly binding: { readonly InferenceSession: new () => NativeSession };
    readonly initOrt: () => void;
  };
  const { version } = insideOnnxruntime('version.js') as { readonly version: string };
  inside.initOrt();
  return {
    version,
    newSession: () => new inside.binding.InferenceSession(),
    newTensor: (type, data, shape) => new Tensor(type, data as Float32Array, shape),
  };
}
