import type { EngineName } from '../../contract/engines.js';
import type { Layout } from '../ops/layout.js';
import type { Recorder } from './computation.js';

/** User settings of an engine. */
export interface EngineSettings {
  /** Number of threads for kernels; if absent, the engine decides. */
  readonly threads?: number;
}

/** The definition of an engine. */
export interface EngineDefinition {
  readonly layout: Layout;
  /** Its name in tfjs. */
  readonly backend: string;
  /** The settings that it supports; a warning is given for any other. */
  readonly supports?: readonly (keyof EngineSettings)[];
  /**
   * Registers the backend with tfjs under `backend` and returns its description for people: what it is and what it runs
   * on, such as `TensorFlow.js wasm backend (SIMD, 1 thread)`. Rejects with the reason if it cannot. Does not select
   * it.
   */
  readonly load: (settings: EngineSettings) => Promise<string>;
  /** Returns the versions of its libraries, once loaded, if tfjs does not report them. */
  readonly versions?: () => Readonly<Record<string, string>>;
  /** Disables its fallback to the processor for small work, so that tests exercise the engine itself. */
  readonly doAllItself?: () => void;
  /** Records repeated computations; absent if the engine runs them kernel by kernel each time. */
  readonly recorder?: Recorder;
  /** Names of the kernels that the backend registers, for machines on which it cannot be loaded. */
  readonly knownKernels?: () => Promise<readonly string[]>;
}

/** An engine in the catalogue. */
export interface EngineEntry {
  readonly name: EngineName;
  readonly auto: boolean;
  readonly firstOnGpu?: true;
  readonly isNoisy?: true;
  readonly open: () => Promise<EngineDefinition>;
}
