import type { EngineDefinition } from './engine.js';

/** onnxruntime's CPU kernels under tfjs: fast out of what `npm ci` brings. */
export const onnx: EngineDefinition = {
  name: 'onnx',
  layout: 'channels-first',
  backend: 'onnx',
  load: async () => {
    const { loadOnnx } = await import('./onnx/load.js');
    return loadOnnx();
  },
};
