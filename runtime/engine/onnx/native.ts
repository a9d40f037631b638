/**
 * Loads onnxruntime's native library; the only file that depends on its interface. tfjs kernels are synchronous, but
 * the API of onnxruntime-node is not; `InferenceSession.run` of the native binding blocks and returns. The interface is
 * internal, so the version is pinned (1.30.0). The build copies the binaries to `dist/onnxruntime`
 * (`scripts/copy-onnxruntime.mjs`), because installing onnxruntime-node downloads CUDA libraries that are not used
 * here.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { env, Tensor } from 'onnxruntime-common';
import type { ElementType, Numbers } from '../../../onnx/graph.js';
import { requireUsageDataOff } from './usage-data.js';

/** A native tensor over our own memory: nothing is copied, neither in nor out. */
export type NativeTensor = Tensor;

export interface NativeSession {
  readonly inputMetadata: readonly { readonly name: string }[];
  readonly outputMetadata: readonly { readonly name: string }[];
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  /** Computes the named outputs: into the given tensor, or into a new one if it is null. */
  run(
    feeds: Readonly<Record<string, NativeTensor>>,
    fetches: Readonly<Record<string, NativeTensor | null>>,
    options: object,
  ): Record<string, NativeTensor>;
  dispose(): void;
}

interface Binding {
  readonly InferenceSession: new () => NativeSession;
  readonly initOrtOnce: (logLevel: number, tensor: typeof Tensor, isMainThread: boolean) => void;
}

interface Native {
  readonly newSession: () => NativeSession;
  readonly newTensor: (type: ElementType, data: Numbers, shape: readonly number[]) => NativeTensor;
  readonly version: string;
}

/** Only fatal errors: all others are thrown, and the library would also print them to standard error. */
const logLevel = 4;

let loaded: Native | undefined;

/**
 * Loads the library.
 * @throws Error if there is no binary for this platform, or it cannot be loaded
 */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

function load(): Native {
  requireUsageDataOff();
  const require = createRequire(import.meta.url);
  const binding = require(bindingFile(require)) as Binding;
  binding.initOrtOnce(logLevel, Tensor, isMainThread);
  return {
    version: env.versions.common,
    newSession: () => new binding.InferenceSession(),
    newTensor: (type, data, shape) => new Tensor(type, data as Float32Array, shape),
  };
}

function bindingFile(require: NodeJS.Require): string {
  const platform = `${process.platform}-${process.arch}`;
  const file = require.resolve(`#onnxruntime/${platform}/onnxruntime_binding.node`);
  if (!existsSync(file)) throw new Error(`this installation has no onnxruntime for ${platform}`);
  return file;
}
