import type { StudyJob } from '../evidence.js';
import type { ExecutorOptions } from '../executor.js';
import { readExit, readLogEnd, type RecordedArray } from './array-folder.js';
import type { QueueRow, SlurmCommands } from './commands.js';
import { hasEnded, mayRunAgain, taskOutcome } from './outcome.js';
import { retryUntilAnswered, pause } from './retry.js';

/** A task of a submitted array. */
export interface SubmittedTask {
  readonly array: RecordedArray & { readonly id: string };
  readonly index: number;
  /** Run folder of its job, relative to the study's. */
  readonly run: string;
}

export interface WatchedTask extends SubmittedTask {
  readonly job: StudyJob;
}

export interface WatchOptions extends Pick<ExecutorOptions, 'onEvent' | 'signal'> {
  readonly slurm: SlurmCommands;
  readonly note: (text: string) => void;
  /** Minimum and maximum time between two polls of the queue, in milliseconds. */
  readonly interval: readonly [shortest: number, longest: number];
}

/** The observed state of a task. */
interface ObservedState {
  started: boolean;
  /** The number of consecutive polls in which it appeared to have ended in a way that may not be final. */
  doubtful: number;
  /** Whether it was asked to write a checkpoint and stop. */
  asked: boolean;
}

/**
 * The number of polls that must agree that a task is gone, or that its node failed: Slurm may be about to queue it
 * again.
 */
const certain = 3;

/** The time in milliseconds after which jobs that were asked to stop are cancelled. */
const grace = 120_000;

/** States in which a task has not started, so that it has no shell that could be asked to stop. */
const waiting = new Set([
  'PENDING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
  'CONFIGURING',
]);

/**
 * The queue's row of a task: its own, or that of its whole array; undefined if the id now belongs to another user's
 * array.
 */
export function rowOf(rows: readonly QueueRow[], { array, index }: SubmittedTask): QueueRow | undefined {
  const own = rows.filter((row) => row.array === array.id && row.batch === array.batch);
  return own.find((row) => row.index === index) ?? own.find((row) => row.index === null);
}

function isGone(row: QueueRow | undefined, observed: ObservedState): boolean {
  if (row !== undefined && !hasEnded(row.state)) observed.doubtful = 0;
  else if (row !== undefined && !mayRunAgain(row.state)) return true;
  else observed.doubtful++;
  return observed.doubtful >= certain;
}

async function outcomeOf(task: WatchedTask, row: QueueRow | undefined, { slurm, signal }: WatchOptions) {
  const exit = await readExit(task.array.folder, task.index);
  return taskOutcome({
    state: row?.state,
    exit,
    slurmExit: exit === undefined ? await slurm.exitCode(task.array.id, task.index) : undefined,
    log: await readLogEnd(task.array.folder, task.index),
    stopping: signal.aborted,
  });
}

/**
 * Polls one task and reports changes.
 * @returns whether anything changed, and whether the task has ended
 */
async function look(task: WatchedTask, row: QueueRow | undefined, observed: ObservedState, options: WatchOptions) {
  const gone = isGone(row, observed);
  const runs = row !== undefined && !waiting.has(row.state) && row.state !== 'CANCELLED';
  const starts = !observed.started && runs;
  if (starts) options.onEvent({ kind: 'started', job: task.job });
  observed.started ||= starts;
  if (gone) options.onEvent({ kind: 'ended', job: task.job, ...(await outcomeOf(task, row, options)) });
  return { changed: starts || gone || observed.doubtful > 0, gone };
}

function byArray(tasks: readonly SubmittedTask[]): ReadonlyMap<string, readonly number[]> {
  const indices = new Map<string, number[]>();
  for (const { array, index } of tasks) indices.set(array.id, [...(indices.get(array.id) ?? []), index]);
  return indices;
}

/**
 * Ends the remaining tasks: removes waiting ones from the queue, asks running ones to stop, and cancels those that do
 * not.
 */
async function endTasks(
  tasks: ReadonlyMap<WatchedTask, ObservedState>,
  rows: readonly QueueRow[],
  late: boolean,
  slurm: SlurmCommands,
): Promise<void> {
  const open = [...tasks].map(([task, observed]) => ({ task, observed, state: rowOf(rows, task)?.state }));
  const off = open.filter(({ state }) => late || (state !== undefined && waiting.has(state)));
  for (const [array, indices] of byArray(off.map(({ task }) => task))) await slurm.cancel(array, indices);
  const running = open.filter(({ state, observed }) => state === 'RUNNING' && !observed.asked);
  for (const { observed } of running) observed.asked = true;
  for (const [array, indices] of byArray(running.map(({ task }) => task))) await slurm.askToEnd(array, indices);
}

/** `2 running, 5 waiting (Priority)`. */
function summary(tasks: readonly WatchedTask[], rows: readonly QueueRow[]): string {
  const states = tasks.map((task) => rowOf(rows, task)).filter((row) => row !== undefined);
  const pending = states.filter((row) => waiting.has(row.state));
  const ours = /^(None|JobArrayTaskLimit)$/;
  const reasons = [...new Set(pending.map(({ reason }) => reason))].filter((reason) => !ours.test(reason)).sort();
  const running = `${states.length - pending.length} running`;
  if (pending.length === 0) return running;
  return `${running}, ${pending.length} waiting${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`;
}

/**
 * Watches tasks until all have ended: one call of squeue per poll, frequently at first and less often while nothing
 * changes.
 * @throws UserError UNET6103 if Slurm does not respond; the tasks continue
 */
export async function watchTasks(watched: readonly WatchedTask[], options: WatchOptions): Promise<void> {
  const { slurm, signal, note, interval } = options;
  const [shortest, longest] = interval;
  const open = new Map<WatchedTask, ObservedState>(
    watched.map((task) => [task, { started: false, doubtful: 0, asked: false }]),
  );
  let said = '';
  let stopped: number | undefined;
  let wait = shortest;
  while (open.size > 0) {
    const ids = [...new Set([...open.keys()].map(({ array }) => array.id))];
    const rows = await retryUntilAnswered(() => slurm.queue(ids), signal);
    let changed = false;
    for (const [task, observed] of open) {
      const seen = await look(task, rowOf(rows, task), observed, options);
      changed ||= seen.changed;
      if (seen.gone) open.delete(task);
    }
    if (open.size === 0) return;
    const text = summary([...open.keys()], rows);
    if (text !== said) note((said = text));
    if (signal.aborted) {
      stopped ??= Date.now();
      await endTasks(open, rows, Date.now() - stopped > grace, slurm);
    }
    wait = changed || signal.aborted ? shortest : Math.min(longest, 1.5 * wait);
    await pause(wait, signal);
  }
}
