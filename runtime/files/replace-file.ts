import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { removeAtExit } from './remove-at-exit.js';

let written = 0;

async function writeWhole(file: string, data: string | Uint8Array, flush: boolean, mode?: number): Promise<void> {
  const handle = await open(file, 'w');
  try {
    if (mode !== undefined) await handle.chmod(mode);
    await handle.writeFile(data);
    if (flush) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes renames in `directory` durable across a loss of power, if the system can (Windows cannot open a folder). */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}

/**
 * Writes a file atomically: at any moment, even after a kill or on a full disk, `file` contains either its previous
 * content or all of `data`. It is written next to the destination under a temporary name, flushed and renamed. Its
 * permissions are kept.
 *
 * (The package write-file-atomic performs a single `write` and renames even if only a part of the data was written.)
 * @param flush whether it must survive a loss of power; false for data that can be created again
 * @throws the system's error (ENOSPC, EACCES); the previous content stays and no temporary file is left
 */
export async function replaceFile(file: string, data: string | Uint8Array, flush = true): Promise<void> {
  const temporary = `${file}.${process.pid}.${threadId}.${++written}.tmp`;
  const former = await stat(file).catch(() => undefined);
  const keep = removeAtExit(temporary);
  try {
    await writeWhole(temporary, data, flush, former?.mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    keep();
  }
  if (flush) await syncDirectory(path.dirname(file));
}
