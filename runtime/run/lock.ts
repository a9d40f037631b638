import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { systemCode } from '../files/file-error.js';
import { readTextFile } from '../files/read-file.js';
import { UserError } from '../errors/user-error.js';
import { removeAtExit } from '../files/remove-at-exit.js';
import { asWriteError, removeTemporaryFiles } from '../files/atomic-file.js';

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), started: z.string().nullable() });
type Holder = z.infer<typeof holderSchema>;

/** The lock of a run folder held by this process; no other process may write to it. */
export interface RunLock {
  /** Releases the folder; may be called twice. */
  release(): void;
}

/**
 * The start time of a process in clock ticks since boot, so that a later process with the same id is not mistaken for
 * it.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may contain spaces; the start time is field 22.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const started = startOf(holder.pid);
  return holder.started === null || started === null || started === holder.started;
}

async function parseHolder(file: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readTextFile(file)));
  } catch {
    return undefined;
  }
}

/** Undefined for a missing file, or a malformed one left by a process that was killed while writing. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const holder = await parseHolder(file);
  if (holder !== undefined) return holder;
  // Another process may have just created the file and not written it yet.
  await setTimeout(200);
  return parseHolder(file);
}

/**
 * Creates the file and registers its removal in one turn of the event loop, so that no signal can occur in between.
 * @returns undefined if the file exists already, else the function that cancels the removal
 */
function tryCreate(file: string): (() => void) | undefined {
  const holder: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx' });
    return removeAtExit(file);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    rmSync(file, { force: true });
    throw asWriteError(error, file);
  }
}

/** UNET6057: a lock is held by a process that is still running, or that runs on another machine. */
export class LockHeldError extends UserError {
  constructor(
    message: string,
    help: string,
    /** Whether the holder is known to be running on this machine. */
    readonly isHere: boolean,
  ) {
    super('UNET6057', message, help);
  }
}

function held(what: string, directory: string, file: string, holder: Holder): LockHeldError {
  const isHere = holder.host === hostname();
  return new LockHeldError(
    `The ${what} \`${directory}\` is in use by process ${holder.pid}${isHere ? '' : ` on ${holder.host}`}.`,
    `Wait for it to finish or stop it; if it is no longer running, remove \`${file}\`.`,
    isHere,
  );
}

/**
 * Whether a folder has a lock file of ours, including one left by a killed process, which is empty if it was killed
 * immediately.
 */
export async function isLockFile(directory: string): Promise<boolean> {
  const file = path.join(directory, 'run.lock');
  const text = await readTextFile(file).catch(() => undefined);
  return text === '' || (text !== undefined && (await parseHolder(file)) !== undefined);
}

/**
 * The kind of thing that is locked: a run or a study by the process that writes it, a job by the process that
 * supervises it.
 */
export type LockedThing = 'run' | 'study' | 'job';

/** A job and its run share a folder but have separate locks; the job's lock is next to the folder. */
function lockFile(directory: string, what: LockedThing): string {
  return what === 'job' ? `${path.resolve(directory)}.lock` : path.join(directory, 'run.lock');
}

/** Whether a running process holds a folder. */
export async function isLocked(directory: string, what: LockedThing = 'run'): Promise<boolean> {
  const holder = await parseHolder(lockFile(directory, what));
  return holder !== undefined && isAlive(holder);
}

/**
/**
 * Takes the folder of a run, study or job for writing, by a file that names this process. One left behind by a process
 * that no longer runs is replaced, and temporary files that such a process left are removed: of a run, also those in its
 * folders.
 * @throws UserError UNET6057 that names the process which holds it
 */
export async function lockRun(directory: string, what: LockedThing = 'run'): Promise<RunLock> {
  const file = lockFile(directory, what);
  let keep = tryCreate(file);
  for (; keep === undefined; keep = tryCreate(file)) {
    const holder = await readHolder(file);
    if (holder !== undefined && isAlive(holder)) throw held(what, directory, file, holder);
    await rm(file, { force: true });
  }
  // Nobody else writes here now: temporary files are leftovers of a killed process. A job's files are written under
  // the lock of its run.
  if (what !== 'job') await removeTemporaryFiles(directory, what === 'run');
  const withdraw = keep;
  let released = false;
  return {
    release() {
      if (!released) rmSync(file, { force: true });
      released = true;
      withdraw();
    },
  };
}
