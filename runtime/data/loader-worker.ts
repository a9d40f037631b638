/** The loader's worker thread: reads, normalises, samples and augments, and transfers the arrays without copying. */
import type { TransferListItem } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import { type BatchArrays, type BatchJob, createBatchMaker } from './batch-maker.js';
import { type BatchRequest, type WorkerReply, packError } from './loader-messages.js';

function buffersOf(arrays: BatchArrays): TransferListItem[] {
  return [...Object.values(arrays.inputs), arrays.target].map(({ data }) => data.buffer as ArrayBuffer);
}

function serve(port: NonNullable<typeof parentPort>, job: BatchJob): void {
  const maker = createBatchMaker(job);
  const answer = async ({ step, cases }: BatchRequest): Promise<void> => {
    try {
      const arrays = await maker.make(step, cases);
      port.postMessage({ kind: 'batch', step, arrays } satisfies WorkerReply, buffersOf(arrays));
    } catch (error) {
      port.postMessage({ kind: 'error', step, error: packError(error) } satisfies WorkerReply);
    }
  };
  // One batch at a time, in the order of requests: the first one is waited for.
  let last = Promise.resolve();
  port.on('message', (request: BatchRequest) => {
    last = last.then(() => answer(request));
  });
  port.postMessage({ kind: 'ready' } satisfies WorkerReply);
}

if (parentPort !== null) serve(parentPort, workerData as BatchJob);
