import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { makeFolder } from '../files/make-folder.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { lockRun } from '../run/lock.js';
import { waitForLock } from '../run/wait-for-lock.js';
import { sealFolder } from './checksums.js';
import type { StudyJob } from './evidence.js';
import { jobPaths, type JobFailure } from './jobs.js';
import type { StudyFolder } from './study-folder.js';

export interface JobProcessOptions {
  readonly study: Pick<StudyFolder, 'directory'>;
  readonly job: StudyJob;
  /** Program and arguments of the process that does the work. */
  readonly worker: readonly string[];
  /** Stops the worker, which writes a checkpoint first. */
  readonly signal: AbortSignal;
}

/** Exit code of a worker that was stopped and can be resumed. */
const interrupted = 130;

/**
 * Runs a job in a separate process, under the job's lock, so that nothing that happens to it (a crash of the engine,
 * too little memory, a kill) affects other jobs. Its output goes to the job's log. When it succeeds, the run folder is
 * sealed; when it fails, `failure.json` contains the reason. If the job's previous process is still running because its
 * runner was killed, waits for it to stop.
 * @returns 0 if the job is done, 130 if it was interrupted, else 1
 */
export async function runJobProcess({ study, job, worker, signal }: JobProcessOptions): Promise<number> {
  const paths = jobPaths(study.directory, job);
  await makeFolder(paths.folder);
  const lock = await waitForLock(() => lockRun(paths.folder, 'job'), { signal });
  try {
    // The previous holder of the lock may have completed the job meanwhile.
    if (existsSync(paths.checksums)) return 0;
    return await runLocked(paths, worker, signal);
  } finally {
    lock.release();
  }
}

async function runLocked(
  paths: ReturnType<typeof jobPaths>,
  worker: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  await rm(paths.failure, { force: true });
  const log = openSync(paths.log, 'a');
  try {
    const end = await watch(start(worker, log), signal);
    if (end.code !== 0) writeSync(log, `${endText(end)}\n`);
    if (end.code === 0) return await seal(paths.folder);
    if (end.code === interrupted || signal.aborted) return interrupted;
    await writeFileAtomic(paths.failure, `${JSON.stringify(end)}\n`);
    return 1;
  } finally {
    closeSync(log);
  }
}

async function seal(folder: string): Promise<number> {
  await sealFolder(folder);
  return 0;
}

/** Starts the worker, which exits when this process ends, because its channel closes. */
function start([program = process.execPath, ...rest]: readonly string[], log: number): ChildProcess {
  return spawn(program, rest, { stdio: ['ignore', log, log, 'ipc'] });
}

function watch(child: ChildProcess, signal: AbortSignal): Promise<JobFailure> {
  return new Promise((resolve, reject) => {
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    child.once('error', reject);
    child.once('exit', (code, name) => {
      signal.removeEventListener('abort', stop);
      resolve({ code, signal: name });
    });
  });
}

/** Describes how a process ended. */
export function endText({ code, signal }: JobFailure): string {
  if (signal === 'SIGKILL')
    return 'The process was killed (SIGKILL), either manually or by the system because it ran out of memory.';
  if (signal !== null) return `The process was terminated by ${signal}.`;
  return code === interrupted
    ? 'Interrupted; run the study again to resume it.'
    : `The process exited with code ${code}.`;
}
