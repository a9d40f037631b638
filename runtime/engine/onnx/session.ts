import { encodeModel } from '../../../onnx/encode.js';
import type { Graph } from '../../../onnx/graph.js';
import { native, type NativeTensor } from './native.js';
import { threadCount } from './settings.js';

export type Feeds = Readonly<Record<string, NativeTensor>>;

export interface Session {
  /** Computes the fetches into the given memory. Blocks. */
  run(feeds: Feeds, fetches: Feeds): void;
  dispose(): void;
}

export interface SessionOptions {
  /**
   * Whether freed intermediate tensors stay with the session for reuse: right for a whole step, a waste for thousands
   * of sessions of one operation.
   */
  readonly arena: boolean;
  /** Whether idle threads wait busily for the next parallel loop. */
  readonly spinning: boolean;
  /** Threads of this session; defaults to the engine's setting. */
  readonly threads?: number;
}

/** Creates a session for a graph. Throws onnxruntime's error for an invalid one. */
export function createSession(graph: Graph, { arena, spinning, threads = threadCount() }: SessionOptions): Session {
  const bytes = encodeModel(graph);
  const session = native().newSession();
  session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: arena,
    // A planned block would be allocated in addition to what the arena took in the first run, and never be freed.
    enableMemPattern: false,
    // Errors are thrown; the library would also print them to standard error.
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  });
  return {
    run: (feeds, fetches) => void session.run(feeds, fetches, {}),
    dispose: () => session.dispose(),
  };
}
