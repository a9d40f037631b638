import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type BatchArrays, type BatchJob, type BatchMaker, createBatchMaker } from './batch-maker.js';
import { type BatchRequest, type WorkerReply, unpackError } from './loader-messages.js';

interface Waiting {
  readonly resolve: (arrays: BatchArrays) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The module that starts a worker: a compiled file in `dist`. When running from sources (tests, `tsx cli/main.ts`), a
 * line that first registers tsx, a development dependency, in the thread.
 */
function workerModule(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./loader-worker.js', import.meta.url);
  // `require` would load its CommonJS version, which cannot register from a module.
  const api = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const tsx = pathToFileURL(api).href;
  const worker = new URL('./loader-worker.ts', import.meta.url).href;
  const start = `import { register } from '${tsx}'; register(); await import('${worker}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(start)}`);
}

/** Starts a worker and waits until it is ready; undefined if none could be started (no file, no tsx, no threads). */
async function startWorker(job: BatchJob): Promise<Worker | undefined> {
  try {
    // Does not pass on this process's flags: a loader in them (such as tsx) would also be requested in the thread.
    const worker = new Worker(workerModule(), { workerData: job, execArgv: [] });
    return await new Promise((resolve) => {
      worker.once('message', () => resolve(worker));
      worker.once('error', () => resolve(undefined));
      worker.once('exit', () => resolve(undefined));
    });
  } catch {
    return undefined;
  }
}

/** A worker as a maker of batches; requests are answered in order. */
class WorkerMaker {
  private readonly waiting = new Map<number, Waiting>();
  private ended: Error | undefined;

  constructor(private readonly worker: Worker) {
    worker.on('message', (reply: WorkerReply) => this.take(reply));
    worker.on('error', (error) => this.end(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.end(new Error('The data loader has ended.')));
  }

  get load(): number {
    return this.waiting.size;
  }

  make(step: number, cases: readonly string[]): Promise<BatchArrays> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.waiting.set(step, { resolve, reject });
      this.worker.postMessage({ step, cases } satisfies BatchRequest);
    });
  }

  async close(): Promise<void> {
    this.end(new Error('The data loader has ended.'));
    await this.worker.terminate();
  }

  private take(reply: WorkerReply): void {
    if (reply.kind === 'ready') return;
    const waiting = this.waiting.get(reply.step);
    this.waiting.delete(reply.step);
    if (reply.kind === 'batch') waiting?.resolve(reply.arrays);
    else waiting?.reject(unpackError(reply.error));
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }
}

/** Creates batches in any number of threads. */
export interface BatchPool {
  /** Threads besides this one; 0: batches are created in this thread, which cannot compute meanwhile. */
  readonly threads: number;
  make(step: number, cases: readonly string[]): Promise<BatchArrays>;
  close(): Promise<void>;
}

function inlinePool(job: BatchJob): BatchPool {
  const maker: BatchMaker = createBatchMaker(job);
  let last: Promise<unknown> = Promise.resolve();
  return {
    threads: 0,
    make: (step, cases) => {
      const made = last.then(() => maker.make(step, cases));
      last = made.catch(() => undefined);
      return made;
    },
    close: async () => {
      await last;
    },
  };
}

/** Starts `threads` workers; falls back to this thread if none starts. */
export async function startPool(job: BatchJob, threads: number): Promise<BatchPool> {
  const started = await Promise.all(Array.from({ length: threads }, () => startWorker(job)));
  const makers = started.filter((worker) => worker !== undefined).map((worker) => new WorkerMaker(worker));
  if (makers.length === 0) return inlinePool(job);
  return {
    threads: makers.length,
    make: (step, cases) => makers.reduce((a, b) => (b.load < a.load ? b : a)).make(step, cases),
    close: async () => {
      await Promise.all(makers.map((maker) => maker.close()));
    },
  };
}
