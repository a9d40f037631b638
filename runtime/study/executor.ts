import type { StudyJob } from './evidence.js';

/** A job as an executor sees it: a process of its own, which writes its run folder and seals it when it is through. */
export interface JobProcess {
  readonly job: StudyJob;
  /** Program and arguments, to be started without a shell. Its exit code is 0 where the job is done. */
  readonly command: readonly string[];
  /** What it needs: bytes of memory as estimated, and processor cores. */
  readonly memory: number;
  readonly cpus: number;
}

export type JobEvent =
  | { readonly kind: 'started'; readonly job: StudyJob }
  /** `code` is null where a signal or the scheduler ended it; `reason` says so in words. */
  | { readonly kind: 'ended'; readonly job: StudyJob; readonly code: number | null; readonly reason?: string };

export interface ExecutorOptions {
  /** The study's folder, absolute. */
  readonly directory: string;
  /** Most jobs at a time. */
  readonly jobs: number;
  readonly onEvent: (event: JobEvent) => void;
  /** Ends the jobs under way, each resumable, and starts no more. */
  readonly signal: AbortSignal;
}

/** Runs jobs, in the order given as far as it can, and returns when all have ended. One that fails stops no other. */
export type Executor = (processes: readonly JobProcess[], options: ExecutorOptions) => Promise<void>;
