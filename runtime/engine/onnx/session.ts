import { encodeModel } from '../../../onnx/encode.js';
import type { Graph } from '../../../onnx/graph.js';
import { native, type NativeTensor } from './native.js';
import { threadCount } from './settings.js';

export type Feeds = Readonly<Record<string, NativeTensor>>;

export interface Session {
  /** Computes the fetches into their own memory. Blocks. */
  run(feeds: Feeds, fetches: Feeds): void;
  dispose(): void;
}

export interface SessionOptions {
  /**
   * Whether freed intermediate tensors stay with the session for the next ones: right for a whole step, a waste for
   * each of a thousand sessions of one operation.
   */
  readonly arena: boolean;
  /** Whether idle threads wait busily for the next parallel loop. */
  readonly spinning: boolean;
  /** Each session has threads of its own; absent: as many as the engine is to use. */
  readonly threads?: number;
}

/** A session of one graph. Throws what onnxruntime says of a faulty one. */
export function createSession(graph: Graph, { arena, spinning, threads = threadCount() }: SessionOptions): Session {
  const bytes = encodeModel(graph);
  const session = native().newSession();
  session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: arena,
    // A planned block would come on top of what the arena took in the first run, and nothing would give that back.
    enableMemPattern: false,
    // Errors are thrown; the library would print them to standard error as well.
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  });
  return {
    run: (feeds, fetches) => void session.run(feeds, fetches, {}),
    dispose: () => session.dispose(),
  };
}
