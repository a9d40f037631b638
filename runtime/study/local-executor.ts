import { spawn } from 'node:child_process';
import type { Executor, ExecutorOptions, JobProcess } from './executor.js';

/**
 * Runs jobs on this machine, so many at a time as `jobs` says and as fit into the memory there is: a job waits until
 * those under way leave it enough. One alone always runs.
 * @param available bytes that all jobs together may take
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

/** The first job that there is room for. */
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

/** Runs one job's process to its end; told to stop, it is given the time it needs to write a checkpoint. */
function runProcess({ job, command }: JobProcess, { onEvent, signal }: ExecutorOptions): Promise<void> {
  const [program = process.execPath, ...rest] = command;
  return new Promise((resolve) => {
    // A group of its own, so that Ctrl-C reaches this process alone, which passes it on; and a channel, whose end tells
    // the job that this process is gone.
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
