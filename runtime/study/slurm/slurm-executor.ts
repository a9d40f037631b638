import path from 'node:path';
import { writeFileAtomic } from '../../files/atomic-file.js';
import type { Executor, ExecutorOptions, JobProcess } from '../executor.js';
import { makeArrayFolder, readArrays, removeArrayFolder, writeRecord, type RecordedArray } from './array-folder.js';
import { batchFile } from './batch-file.js';
import { slurmCommands, SlurmSilence, type QueueRow, type SlurmCommands } from './commands.js';
import { parseSlurmOption, type SlurmOption } from './options.js';
import { hasEnded } from './outcome.js';
import { retryUntilAnswered, noResponse } from './retry.js';
import { rowOf, watchTasks, type WatchedTask } from './watch.js';
import { counted } from '../../../text/count.js';

export interface SlurmSettings {
  /** Additional options of sbatch as given by the user: `partition=gpu`, `time=4:00:00`, `gres=gpu:1`, `exclusive`. */
  readonly options?: readonly string[];
  /**
   * Receives progress, one sentence at a time: the array submitted, jobs found in the queue, the reason for waiting.
   */
  readonly onNote?: (note: string) => void;
  /** Environment variables for the programs of Slurm, and for the jobs; defaults to those of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Minimum and maximum time between two polls of the queue, in milliseconds. */
  readonly interval?: readonly [shortest: number, longest: number];
}

/** Whether the queue still contains an unfinished task of an array. */
function isUnfinished(row: QueueRow | undefined): boolean {
  return row !== undefined && !hasEnded(row.state);
}

/** Finds the id of an array whose submission was interrupted before it could be recorded. */
async function withId(array: RecordedArray, slurm: SlurmCommands, signal: AbortSignal): Promise<RecordedArray> {
  if (array.id !== null) return array;
  const id = await retryUntilAnswered(() => slurm.find(array.batch), signal);
  if (id === undefined) return array;
  const found = { ...array, id };
  await writeRecord(found);
  return found;
}

/** Unfinished tasks of arrays submitted earlier that are among the requested jobs. */
async function tasksUnderWay(
  processes: readonly JobProcess[],
  { directory, signal }: Pick<ExecutorOptions, 'directory' | 'signal'>,
  slurm: SlurmCommands,
): Promise<readonly WatchedTask[]> {
  const arrays: RecordedArray[] = [];
  for (const array of await readArrays(directory)) arrays.push(await withId(array, slurm, signal));
  const known = arrays.flatMap((array) => (array.id === null ? [] : [{ ...array, id: array.id }]));
  const rows = await retryUntilAnswered(() => slurm.queue(known.map(({ id }) => id)), signal);
  const tasks = known.flatMap((array) =>
    array.runs.flatMap((run, index): WatchedTask[] => {
      const job = processes.find((process) => process.job.run === run)?.job;
      const task = { array, index, run };
      return job === undefined || !isUnfinished(rowOf(rows, task)) ? [] : [{ ...task, job }];
    }),
  );
  return tasks.filter((task, at) => tasks.findIndex(({ run }) => run === task.run) === at);
}

async function submit(
  processes: readonly JobProcess[],
  { directory, jobs }: Pick<ExecutorOptions, 'directory' | 'jobs'>,
  options: readonly SlurmOption[],
  slurm: SlurmCommands,
): Promise<readonly WatchedTask[]> {
  const folder = await makeArrayFolder(directory);
  const tasks = processes.map(({ job, command }) => ({ run: job.run, command }));
  const cpus = Math.max(...processes.map((process) => process.cpus));
  const memory = Math.max(...processes.map((process) => process.memory));
  const batch = path.join(folder, 'array.sbatch');
  const record = { format: 1, id: null, batch, runs: tasks.map(({ run }) => run), folder } as const;
  let id: string;
  try {
    await writeFileAtomic(batch, batchFile({ study: directory, folder, tasks, jobs, cpus, memory, options }));
    // Recorded before submission: if the id stays unknown, the next executor finds the array by its batch file.
    await writeRecord(record);
    id = await slurm.submit(batch);
  } catch (error) {
    if (error instanceof SlurmSilence) throw noResponse(error);
    await removeArrayFolder(folder);
    throw error;
  }
  const array = { ...record, id };
  await writeRecord(array);
  return processes.map(({ job }, index) => ({ array, index, run: job.run, job }));
}

/**
 * Runs jobs on a Slurm cluster, as one job array in a folder `slurm/array-N` of the study. Jobs of an earlier array
 * that are still in the queue are not submitted again but watched with the others, so that an executor can continue the
 * work of one that was killed. When its signal is aborted, it removes waiting jobs from the queue and asks running ones
 * to write a checkpoint and stop.
 * @throws UserError UNET6102 for an option that users may not set; the executor UNET6100 without Slurm, UNET6101 if it
 * rejects the jobs, UNET6103 if its controller does not respond, UNET6104 for a study whose path cannot be passed to
 * Slurm, UNET6105 for a record of jobs that cannot be read
 */
export function slurmExecutor(settings: SlurmSettings = {}): Executor {
  const options = (settings.options ?? []).map(parseSlurmOption);
  const note = settings.onNote ?? (() => undefined);
  const interval = settings.interval ?? [1000, 30_000];
  return async (processes, { directory, jobs, onEvent, signal }) => {
    const slurm = slurmCommands(settings.environment ?? process.env);
    const found = await tasksUnderWay(processes, { directory, signal }, slurm);
    if (found.length > 0) note(`${counted(found.length, 'job')} from an earlier submission found in the queue`);
    const missing = processes.filter(({ job }) => !found.some(({ run }) => run === job.run));
    const submitted =
      missing.length === 0 || signal.aborted ? [] : await submit(missing, { directory, jobs }, options, slurm);
    const [first] = submitted;
    if (first !== undefined) note(`array ${first.array.id} submitted: ${counted(submitted.length, 'job')}`);
    await watchTasks([...found, ...submitted], { slurm, onEvent, signal, note, interval });
  };
}
