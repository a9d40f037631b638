import type { EngineDefinition } from './engine.js';
import { loadOnnx } from './onnx/load.js';

/** onnxruntime's CPU kernels under tfjs: fast out of what `npm ci` brings. */
export const onnx: EngineDefinition = {
  layout: 'channels-first',
  backend: 'onnx',
  heeds: ['threads'],
  load: (settings) => Promise.resolve(loadOnnx(settings)),
};
