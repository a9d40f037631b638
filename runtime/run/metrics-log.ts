import { open, stat, truncate } from 'node:fs/promises';
import { readTextFile } from '../files/read-file.js';
import { asWriteError } from './atomic-file.js';

/**
 * Appends a line of JSON to a file and flushes it.
 * @returns the file's length in bytes after it
 * @throws UserError UNET6058 for want of space or permission; a part of the line may remain
 */
export async function appendJsonLine(file: string, value: object): Promise<number> {
  try {
    const handle = await open(file, 'a');
    try {
      await handle.appendFile(`${JSON.stringify(value)}\n`);
      await handle.sync();
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asWriteError(error, file);
  }
}

/** Cuts a file off after `bytes`, if it is longer; a missing file is as good as an empty one. */
export async function cutFile(file: string, bytes: number): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > bytes) await truncate(file, bytes);
}

/** The values of a file of JSON lines; a last line that a kill left unfinished is left out. */
export async function readJsonLines(file: string): Promise<unknown[]> {
  const text = await readTextFile(file);
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line));
}
