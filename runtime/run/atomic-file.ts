import { open, readdir, rename, rm } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';
import path from 'node:path';
import { UserError } from '../errors.js';

let written = 0;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What stands in the way of writing, in words and with a remedy; undefined for what is no fault of the user's. */
const obstacles: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'Free some space and go on with `--resume`; what was written before is intact.'],
  EDQUOT: [
    'the disk quota is used up',
    'Free some space and go on with `--resume`; what was written before is intact.',
  ],
  EACCES: ['the folder may not be written to', 'Change its permissions or choose another folder.'],
  EPERM: ['the folder may not be written to', 'Change its permissions or choose another folder.'],
  EROFS: ['the file system is read-only', 'Choose another folder.'],
};

/** `error` as a UserError (UNET6058) where writing `file` failed for want of space or permission, else as it is. */
export function asWriteError(error: unknown, file: string): unknown {
  const code = codeOf(error);
  const obstacle = code === undefined ? undefined : obstacles[code];
  if (obstacle === undefined) return error;
  return new UserError('UNET6058', `\`${file}\` could not be written: ${obstacle[0]}.`, obstacle[1]);
}

async function writeSynced(file: string, data: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename in `directory` last through a loss of power, where the system can (Windows cannot open a folder). */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}

/**
 * Writes a whole file so that at any moment, also after a kill or on a full disk, `file` holds either its former
 * content or all of `data`: written beside it under a temporary name, flushed, renamed.
 *
 * (The package write-file-atomic does a single `write` and renames even where only a part of the data found room.)
 * @throws UserError UNET6058 for want of space or permission; the former content stays
 */
export async function writeFileAtomic(file: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.${threadId}.${++written}.tmp`;
  try {
    await writeSynced(temporary, data);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asWriteError(error, file);
  }
  await syncDirectory(path.dirname(file));
}

/** Removes what a process that was killed while writing left in a folder; only where nobody else can be writing. */
export async function removeTemporaryFiles(directory: string): Promise<void> {
  const entries = await readdir(directory);
  const left = entries.filter((entry) => /\.\d+\.\d+\.\d+\.tmp$/.test(entry));
  for (const entry of left) await rm(path.join(directory, entry), { force: true });
}
