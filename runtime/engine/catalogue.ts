import { engineFacts, engineNames, type EngineName } from '../../contract/engines.js';
import type { EngineDefinition, EngineEntry } from './engine.js';

/** The module of each engine. Importing the table loads neither an engine nor tfjs. */
const modules: Readonly<Record<EngineName, () => Promise<EngineDefinition>>> = {
  onnx: async () => (await import('./onnx.js')).onnx,
  tensorflow: async () => (await import('./tensorflow.js')).tensorflow,
  webgpu: async () => (await import('./webgpu/webgpu.js')).webgpu,
  wasm: async () => (await import('./wasm.js')).wasm,
  cpu: async () => (await import('./cpu.js')).cpu,
};

/** Every engine, in the order in which `auto` tries them. */
export const ENGINES: readonly EngineEntry[] = engineNames.map((name) => ({
  name,
  ...engineFacts(name),
  open: modules[name],
}));

/** Names that `selectEngine` and `--engine` accept. */
export const ENGINE_NAMES: readonly ('auto' | EngineName)[] = ['auto', ...engineNames];
