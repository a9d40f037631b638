import type { EngineName } from '../../contract/engines.js';
import type { Layout } from '../ops/layout.js';
import type { Recorder } from './computation.js';

/** What a person may set about an engine. */
export interface EngineSettings {
  /** Threads that kernels compute on; absent: what the engine finds best. */
  readonly threads?: number;
}

/** How an engine is started. */
export interface EngineDefinition {
  readonly layout: Layout;
  /** Its name in tfjs. */
  readonly backend: string;
  /** The settings it heeds; of another one that is given, a person is told that it does nothing. */
  readonly heeds?: readonly (keyof EngineSettings)[];
  /**
   * Makes the backend known to tfjs under `backend` and gives its description for people, what it is and on what it runs:
   * `TensorFlow.js wasm backend (SIMD, 1 thread)`. Rejects with the reason where it cannot. Does not select it.
   */
  readonly load: (settings: EngineSettings) => Promise<string>;
  /** Once it is loaded: versions of the libraries it computes with, where tfjs' own does not tell. */
  readonly versions?: () => Readonly<Record<string, string>>;
  /** Keeps it from leaving small work to the processor, so that what is proved of it is its own doing. */
  readonly doAllItself?: () => void;
  /** Records computations that are repeated; absent if the engine runs them kernel by kernel each time. */
  readonly recorder?: Recorder;
  /** Names of the kernels that the backend is known to register, for where it cannot be loaded. */
  readonly knownKernels?: () => Promise<readonly string[]>;
}

/** An engine in the list of them. */
export interface EngineEntry {
  readonly name: EngineName;
  readonly auto: boolean;
  readonly firstOnGpu?: true;
  readonly isNoisy?: true;
  readonly open: () => Promise<EngineDefinition>;
}
