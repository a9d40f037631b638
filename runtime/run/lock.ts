import { readFileSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { readTextFile } from '../files/read-file.js';
import { UserError } from '../errors.js';
import { asWriteError } from './atomic-file.js';

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), started: z.string().nullable() });
type Holder = z.infer<typeof holderSchema>;

/** A run folder held by this process; nobody else may write to it. */
export interface RunLock {
  /** Gives the folder free; safe to call twice. */
  release(): void;
}

/** When a process started, in clock ticks since boot, so that a later process with the same id is not taken for it. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold spaces; the start is field 22.
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

/** Undefined for a file that is gone, or that a process killed while writing left malformed. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const holder = await parseHolder(file);
  if (holder !== undefined) return holder;
  // Another process may have made the file this instant and not written it yet.
  await setTimeout(200);
  return parseHolder(file);
}

/** @returns false where the file exists already */
async function tryCreate(file: string): Promise<boolean> {
  const holder: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  let made = false;
  try {
    const handle = await open(file, 'wx');
    made = true;
    await handle.writeFile(JSON.stringify(holder)).finally(() => handle.close());
    return true;
  } catch (error) {
    if (made) await rm(file, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw asWriteError(error, file);
  }
}

function held(what: string, directory: string, file: string, holder: Holder): UserError {
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  return new UserError(
    'UNET6057',
    `The ${what} \`${directory}\` is being written by process ${holder.pid}${where}.`,
    `Wait for it or end it; if it no longer runs, remove \`${file}\`.`,
  );
}

/** Whether a folder has a lock of ours, also one that a killed process left, empty if it was killed at once. */
export async function isLockFile(directory: string): Promise<boolean> {
  const file = path.join(directory, 'run.lock');
  const text = await readTextFile(file).catch(() => undefined);
  return text === '' || (text !== undefined && (await parseHolder(file)) !== undefined);
}

/** Whether a process that still runs holds a run folder. */
export async function isLocked(directory: string): Promise<boolean> {
  const holder = await parseHolder(path.join(directory, 'run.lock'));
  return holder !== undefined && isAlive(holder);
}

/**
 * Takes the folder of a run, or of a study, for writing, by a file `run.lock` that names this process. One left behind by
 * a process that no longer runs is replaced.
 * @throws UserError UNET6057 that names the process which holds it
 */
export async function lockRun(directory: string, what: 'run' | 'study' = 'run'): Promise<RunLock> {
  const file = path.join(directory, 'run.lock');
  while (!(await tryCreate(file))) {
    const holder = await readHolder(file);
    if (holder !== undefined && isAlive(holder)) throw held(what, directory, file, holder);
    await rm(file, { force: true });
  }
  let released = false;
  return {
    release() {
      if (!released) rmSync(file, { force: true });
      released = true;
    },
  };
}
