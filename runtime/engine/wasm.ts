import * as tf from '@tensorflow/tfjs';
import type { EngineDefinition } from './engine.js';

/**
 * tfjs's WebAssembly kernels (XNNPACK). In Node they run on one thread: the threaded build of tfjs-backend-wasm 4.22
 * starts its workers from blob URLs, which Node rejects.
 */
export const wasm: EngineDefinition = {
  layout: 'channels-last',
  backend: 'wasm',
  load: async () => {
    if (!('WebAssembly' in globalThis)) throw new Error('this version of Node.js does not support WebAssembly');
    await import('@tensorflow/tfjs-backend-wasm');
    const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
    return `TensorFlow.js wasm backend (${simd ? 'SIMD' : 'no SIMD'}, 1 thread)`;
  },
};
