import * as tf from '@tensorflow/tfjs';
import { OnnxBackend } from './backend.js';
import { registerKernels } from './kernels.js';
import { native } from './native.js';
import type { EngineSettings } from '../engine.js';
import { onnxMode, setThreads, threadCount } from './settings.js';
import { counted } from '../../../text/count.js';

/** Registers the backend with tfjs and returns its description. Throws if onnxruntime cannot be loaded. */
export function loadOnnx({ threads: asked }: EngineSettings = {}): string {
  const { version } = native();
  // An invalid variable is reported when the engine starts, not in the middle of a step.
  onnxMode();
  setThreads(asked);
  if (tf.findBackendFactory('onnx') === null) {
    tf.registerBackend('onnx', () => new OnnxBackend(), 0);
    registerKernels();
  }
  const threads = threadCount();
  return `ONNX Runtime ${version}, CPU (${counted(threads, 'thread')})`;
}
