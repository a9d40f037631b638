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
 * content or all of `data`: written beside it under a temporary name, flushed, renamed. Its permissions stay.
 *
 * (The package write-file-atomic does a single `write` and renames even where only a part of the data found room.)
 * @param flush whether it also lasts through a loss of power; false for what can be made again
 * @throws what the system says (ENOSPC, EACCES); the former content stays and nothing is left beside it
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
