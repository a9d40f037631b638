import * as tf from '@tensorflow/tfjs';
import { OnnxBackend } from './backend.js';
import { registerKernels } from './kernels.js';
import { native } from './native.js';
import type { EngineSettings } from '../engine.js';
import { onnxMode, setThreads, threadCount } from './settings.js';
import { counted } from '../../../text/count.js';

/** Makes the backend known to tfjs, and says what it is. Throws where onnxruntime cannot be loaded. */
export function loadOnnx({ threads: asked }: EngineSettings = {}): string {
  const { version } = native();
  // A variable that cannot be used is reported when the engine starts, not in the middle of a step.
  onnxMode();
  setThreads(asked);
  if (tf.findBackendFactory('onnx') === null) {
    tf.registerBackend('onnx', () => new OnnxBackend(), 0);
    registerKernels();
  }
  const threads = threadCount();
  return `ONNX Runtime ${version}, CPU (${counted(threads, 'thread')})`;
}
