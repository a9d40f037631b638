import { constants } from 'node:os';
import type { TaskExit } from './array-folder.js';

/** How a task ended, as an executor reports it. */
export interface TaskOutcome {
  readonly code: number | null;
  readonly reason?: string;
}

export interface TaskEnd {
  /** Slurm's state; undefined if Slurm no longer knows the task. */
  readonly state: string | undefined;
  /** The result that the batch script recorded; undefined if it was killed before it could. */
  readonly exit: TaskExit | undefined;
  /** The exit code reported by Slurm. */
  readonly slurmExit: { readonly code: number; readonly signal: number } | undefined;
  /** The end of its output. */
  readonly log: string;
  /** Whether the study was being stopped. */
  readonly stopping: boolean;
}

/** States in which the scheduler, not the job itself, ended the task, in words. */
const scheduler: Readonly<Record<string, string>> = {
  BOOT_FAIL: 'its node did not start',
  CANCELLED: 'it was cancelled',
  DEADLINE: 'it missed its deadline',
  NODE_FAIL: 'its node failed',
  OUT_OF_MEMORY: 'it exceeded its memory request; use `--slurm-option mem=...` to request more',
  PREEMPTED: 'it was preempted by a job of higher priority',
  REVOKED: 'it was moved to another cluster',
  TIMEOUT: 'it reached its time limit; use `--slurm-option time=...` to request more',
};

/** Whether a job in this state has ended, unless it is queued again. */
export function hasEnded(state: string): boolean {
  return state === 'COMPLETED' || state === 'FAILED' || Object.hasOwn(scheduler, state);
}

/** Whether a job in this state may have another one in the next poll, because Slurm queues it again. */
export function mayRunAgain(state: string): boolean {
  return ['BOOT_FAIL', 'NODE_FAIL', 'PREEMPTED'].includes(state);
}

function signalName(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
}

/** Slurm's daemon on the node writes the reason for a kill into the task's log. */
function killedForMemory(log: string): boolean {
  return /^slurmstepd.*(exceeded (job |step )?memory limit|oom[- _]kill)/im.test(log);
}

/** Why the job was asked to stop, if it was. */
function whyAsked(stopping: boolean): string {
  return stopping
    ? 'stopped'
    : 'it was stopped by Slurm, near its time limit or for a job of higher priority, and can be resumed';
}

/** Slurm's own code for a task it could not start, beyond the range of signals. */
const launchFailure = 53;

function schedulerReason({ state, exit, slurmExit, log, stopping }: TaskEnd): string | undefined {
  if (killedForMemory(log)) return scheduler['OUT_OF_MEMORY'];
  if (stopping && (state === 'CANCELLED' || (state === undefined && exit === undefined))) return 'stopped';
  if (state === undefined && exit === undefined)
    return 'it left the queue without an exit code: it was cancelled or killed';
  if (exit === undefined && slurmExit?.signal === launchFailure) {
    return 'Slurm could not start it; check that the study folder and this program are accessible from the nodes';
  }
  return state === undefined ? undefined : scheduler[state];
}

/**
 * A shell reports the death of a command by signal N as 128 + N; our own commands exit with 130 when they are stopped.
 */
function asSignal(code: number): number | undefined {
  return code > 128 && code <= 128 + 64 && code !== 130 ? code - 128 : undefined;
}

/** The outcome of a task that has ended. A job that finished is done, whatever Slurm did to it afterwards. */
export function taskOutcome(end: TaskEnd): TaskOutcome {
  const code = end.exit?.code ?? (end.slurmExit?.signal === 0 ? end.slurmExit.code : undefined);
  if (end.exit?.code === 0 || (end.exit === undefined && end.state === 'COMPLETED')) return { code: 0 };
  const signal = code === undefined ? end.slurmExit?.signal : asSignal(code);
  const own = signal === undefined ? (code ?? null) : null;
  if (end.exit?.asked) return { code: own, reason: whyAsked(end.stopping) };
  const reason = schedulerReason(end);
  if (reason !== undefined) return { code: end.exit === undefined ? null : own, reason };
  if (signal !== undefined) return { code: null, reason: `killed by ${signalName(signal)}` };
  return own === null ? { code: null, reason: 'it ended without an exit code' } : { code: own };
}
