import { spawn } from 'node:child_process';
import type { Executor, ExecutorOptions, JobProcess } from './executor.js';

/**
 * Runs jobs on this machine, in parallel up to the limit of `jobs` and of the available memory: a job waits until
 * enough is free. A single job always runs.
 * @param available bytes that all jobs together may use
 */
export function localExecutor(available: number): Executor {
  return async (processes, options) => {
    const waiting = [...processes];
    const running = new Map<JobProcess, Promise<void>>();
    while (!options.signal.aborted && (waiting.length > 0 || running.size > 0)) {
      const next = nextToStart(waiting, [...running.keys()], options.jobs, available);
      if (next === undefined) {
        await Promise.race(running.values());
        continue;
      }
      waiting.splice(waiting.indexOf(next), 1);
      running.set(
        next,
        runProcess(next, options).finally(() => running.delete(next)),
      );
    }
    await Promise.all(running.values());
  };
}

/** The first job that fits into the available memory. */
function nextToStart(
  waiting: readonly JobProcess[],
  running: readonly JobProcess[],
  jobs: number,
  available: number,
): JobProcess | undefined {
  if (running.length >= jobs) return undefined;
  const taken = running.reduce((sum, { memory }) => sum + memory, 0);
  return waiting.find(({ memory }) => running.length === 0 || taken + memory <= available);
}

/** Runs one job's process to its end; when asked to stop, it gets the time it needs to write a checkpoint. */
function runProcess({ job, command }: JobProcess, { onEvent, signal }: ExecutorOptions): Promise<void> {
  const [program = process.execPath, ...rest] = command;
  return new Promise((resolve) => {
    // A process group of its own, so that Ctrl-C reaches only this process, which passes it on; and a channel, whose
    // closing tells the job that this process is gone.
    const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
    const stop = (): void => void child.kill('SIGTERM');
    const end = (code: number | null, reason?: string): void => {
      signal.removeEventListener('abort', stop);
      onEvent({ kind: 'ended', job, code, ...(reason === undefined ? {} : { reason }) });
      resolve();
    };
    signal.addEventListener('abort', stop);
    child.once('spawn', () => onEvent({ kind: 'started', job }));
    child.once('error', (error) => end(null, `it could not be started (${error.message})`));
    child.once('exit', (code, name) => end(code, name === null ? undefined : `it was terminated by ${name}`));
  });
}
