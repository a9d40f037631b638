import { engineNames, type EngineName } from '../../contract/engines.js';
import type { EngineEntry } from './engine.js';

/**
 * Every engine, in the order in which `auto` tries them; where there is an NVIDIA GPU, `tensorflow` comes first. Reading the
 * list loads none of them, nor tfjs. `webgpu` is left to those who ask for it: a driver may offer a GPU that the processor plays, which is slower than any other engine.
 */
export const ENGINES = [
  { name: 'onnx', auto: true, open: async () => (await import('./onnx.js')).onnx },
  { name: 'tensorflow', auto: true, open: async () => (await import('./tensorflow.js')).tensorflow },
  { name: 'webgpu', auto: false, open: async () => (await import('./webgpu/webgpu.js')).webgpu },
  { name: 'wasm', auto: true, open: async () => (await import('./wasm.js')).wasm },
  { name: 'cpu', auto: true, open: async () => (await import('./cpu.js')).cpu },
] as const satisfies readonly EngineEntry[];

/** Names that `selectEngine` and `--engine` take. */
export const ENGINE_NAMES: readonly ('auto' | EngineName)[] = ['auto', ...engineNames];
