import type { Layout } from '../layout.js';

export type EngineName = 'onnx' | 'tensorflow' | 'wasm' | 'cpu';

/** What runs the kernels, ready for use. */
export interface Engine {
  readonly name: EngineName;
  /** How tensors lie in memory under it. */
  readonly layout: Layout;
  /** What it is and on what it runs, for people: `TensorFlow.js wasm backend (SIMD, 1 thread)`. */
  readonly description: string;
}

/** An engine as the list shows it. */
export interface EngineStatus {
  readonly name: EngineName;
  readonly available: boolean;
  /** What it is where it is available; otherwise why it is not. */
  readonly detail: string;
}

/** How an engine is started. */
export interface EngineDefinition {
  readonly name: EngineName;
  readonly layout: Layout;
  /**
   * Makes the backend known to tfjs under `backend` and gives its description; rejects with the reason where it cannot.
   * Does not select it.
   */
  readonly load: () => Promise<string>;
  /** Its name in tfjs. */
  readonly backend: string;
}
