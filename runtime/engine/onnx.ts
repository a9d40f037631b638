import type { EngineDefinition } from './engine.js';
import { onnxRecorder } from './onnx/compiled.js';
import { loadOnnx } from './onnx/load.js';
import { native } from './onnx/native.js';

/** onnxruntime's CPU kernels under tfjs: fast, without further installation. */
export const onnx: EngineDefinition = {
  layout: 'channels-first',
  backend: 'onnx',
  supports: ['threads'],
  load: (settings) => Promise.resolve(loadOnnx(settings)),
  recorder: onnxRecorder,
  versions: () => ({ onnxruntime: native().version }),
};
