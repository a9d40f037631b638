import type { StudyJob } from './evidence.js';

/** A job for an executor: a process that writes its run folder and seals it when it is complete. */
export interface JobProcess {
  readonly job: StudyJob;
  /** Program and arguments, to be started without a shell. Its exit code is 0 if the job is done. */
  readonly command: readonly string[];
  /** Its requirements: estimated bytes of memory, and processor cores. */
  readonly memory: number;
  readonly cpus: number;
}

export type JobEvent =
  | { readonly kind: 'started'; readonly job: StudyJob }
  /** `code` is null if a signal or the scheduler ended it; `reason` describes that in words. */
  | { readonly kind: 'ended'; readonly job: StudyJob; readonly code: number | null; readonly reason?: string };

export interface ExecutorOptions {
  /** The study's folder, absolute. */
  readonly directory: string;
  /** Maximum number of parallel jobs. */
  readonly jobs: number;
  readonly onEvent: (event: JobEvent) => void;
  /** Stops running jobs, which remain resumable, and starts no more. */
  readonly signal: AbortSignal;
}

/**
 * Runs jobs, in the given order as far as possible, and returns when all have ended. A failing job does not stop
 * others.
 */
export type Executor = (processes: readonly JobProcess[], options: ExecutorOptions) => Promise<void>;
