import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How far a process that tries cases has come. */
export interface Progress {
  /** The case under way: those before it are done. */
  readonly seed: number;
  /** The case done that took the most processor time. */
  readonly slowest: { readonly seed: number; readonly seconds: number };
  /** The most memory the process has held. */
  readonly megabytes: number;
}

/** A file that a process keeps its progress in, so that it is found however that process ends. */
export function progressFile(folder: string, pid: number): string {
  return join(folder, `progress-${pid}.json`);
}

/** Put in place as a whole: whoever reads meanwhile finds the one before. */
export function writeProgress(file: string, progress: Progress): void {
  const next = `${file}.next`;
  writeFileSync(next, JSON.stringify(progress));
  renameSync(next, file);
}

/** Undefined where the process has not begun a case. */
export function readProgress(file: string): Progress | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Progress;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function removeProgress(file: string): void {
  for (const each of [file, `${file}.next`]) rmSync(each, { force: true });
}

/** Linux counts processor time in hundredths of a second, whatever its kernel's clock (proc_pid_stat(5)). */
const ticksPerSecond = 100;

/**
 * Processor time a process has taken, in seconds: on a machine under load it hardly grows by the clock. Undefined where
 * it has ended or the system does not tell.
 */
export function processorSeconds(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in round brackets, which may hold anything; the 14th and 15th are the times.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
