import type { StudyJob } from '../evidence.js';
import type { ExecutorOptions } from '../executor.js';
import { readExit, readLogEnd, type RecordedArray } from './array-folder.js';
import type { QueueRow, SlurmCommands } from './commands.js';
import { hasEnded, mayRunAgain, taskOutcome } from './outcome.js';
import { answered, pause } from './patience.js';

/** A task of a submitted array. */
export interface SubmittedTask {
  readonly array: RecordedArray & { readonly id: string };
  readonly index: number;
  /** Run folder of its job. */
  readonly run: string;
}

export interface WatchedTask extends SubmittedTask {
  readonly job: StudyJob;
}

export interface WatchOptions extends Pick<ExecutorOptions, 'onEvent' | 'signal'> {
  readonly slurm: SlurmCommands;
  readonly note: (text: string) => void;
  /** Shortest and longest time between two looks at the queue, in milliseconds. */
  readonly interval: readonly [shortest: number, longest: number];
}

/** What was seen of a task so far. */
interface Sight {
  started: boolean;
  /** Looks in a row that showed it ended in a way that may not last. */
  doubtful: number;
  /** Whether it was told to write a checkpoint and end. */
  asked: boolean;
}

/** Looks that must agree that a task is gone, or that its node failed: Slurm may be about to queue it again. */
const certain = 3;

/** After that many milliseconds, jobs that were told to end are cancelled. */
const grace = 120_000;

/** States in which a task has not begun and has no shell that could be told to end. */
const waiting = new Set([
  'PENDING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
  'CONFIGURING',
]);

/** The queue's row of a task: its own, or that of its whole array; undefined where the id is another user's array by now. */
export function rowOf(rows: readonly QueueRow[], { array, index }: SubmittedTask): QueueRow | undefined {
  const own = rows.filter((row) => row.array === array.id && row.batch === array.batch);
  return own.find((row) => row.index === index) ?? own.find((row) => row.index === null);
}

function isGone(row: QueueRow | undefined, sight: Sight): boolean {
  if (row !== undefined && !hasEnded(row.state)) sight.doubtful = 0;
  else if (row !== undefined && !mayRunAgain(row.state)) return true;
  else sight.doubtful++;
  return sight.doubtful >= certain;
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

/** Looks at one task and tells what is new. @returns whether something was, and whether the task has ended */
async function look(task: WatchedTask, row: QueueRow | undefined, sight: Sight, options: WatchOptions) {
  const gone = isGone(row, sight);
  const runs = row !== undefined && !waiting.has(row.state) && row.state !== 'CANCELLED';
  const starts = !sight.started && runs;
  if (starts) options.onEvent({ kind: 'started', job: task.job });
  sight.started ||= starts;
  if (gone) options.onEvent({ kind: 'ended', job: task.job, ...(await outcomeOf(task, row, options)) });
  return { changed: starts || gone || sight.doubtful > 0, gone };
}

function byArray(tasks: readonly SubmittedTask[]): ReadonlyMap<string, readonly number[]> {
  const indices = new Map<string, number[]>();
  for (const { array, index } of tasks) indices.set(array.id, [...(indices.get(array.id) ?? []), index]);
  return indices;
}

/** Ends what is still there: takes waiting tasks off the queue, tells running ones to end, and cancels those that do not. */
async function endTasks(
  tasks: ReadonlyMap<WatchedTask, Sight>,
  rows: readonly QueueRow[],
  late: boolean,
  slurm: SlurmCommands,
): Promise<void> {
  const open = [...tasks].map(([task, sight]) => ({ task, sight, state: rowOf(rows, task)?.state }));
  const off = open.filter(({ state }) => late || (state !== undefined && waiting.has(state)));
  for (const [array, indices] of byArray(off.map(({ task }) => task))) await slurm.cancel(array, indices);
  const told = open.filter(({ state, sight }) => state === 'RUNNING' && !sight.asked);
  for (const { sight } of told) sight.asked = true;
  for (const [array, indices] of byArray(told.map(({ task }) => task))) await slurm.askToEnd(array, indices);
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
 * Watches tasks until all have ended: one call of squeue a look, at once frequent and then, while nothing changes, less so.
 * @throws UserError UNET6103 where Slurm stays silent; the tasks go on
 */
export async function watchTasks(watched: readonly WatchedTask[], options: WatchOptions): Promise<void> {
  const { slurm, signal, note, interval } = options;
  const [shortest, longest] = interval;
  const open = new Map<WatchedTask, Sight>(
    watched.map((task) => [task, { started: false, doubtful: 0, asked: false }]),
  );
  let said = '';
  let stopped: number | undefined;
  let wait = shortest;
  while (open.size > 0) {
    const ids = [...new Set([...open.keys()].map(({ array }) => array.id))];
    const rows = await answered(() => slurm.queue(ids), signal);
    let changed = false;
    for (const [task, sight] of open) {
      const seen = await look(task, rowOf(rows, task), sight, options);
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
