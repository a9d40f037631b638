import { mkdir, open, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createFolders } from '../../files/make-folder.js';
import { z } from 'zod';
import { UserError } from '../../errors/user-error.js';
import { asWriteError, writeFileAtomic } from '../../files/atomic-file.js';

const recordSchema = z.strictObject({
  format: z.literal(1),
  /** The array's job id; null until sbatch has told it. */
  id: z.string().regex(/^\d+$/).nullable(),
  /** The batch file's path as sbatch was given it, by which the array is told from another one with its id. */
  batch: z.string(),
  /** Run folders of its tasks by index, relative to the study's. */
  runs: z.array(z.string()),
});

/** `array.json` of a folder `slurm/array-N`: an array that was submitted, or was about to be. */
export type ArrayRecord = z.infer<typeof recordSchema>;

export interface RecordedArray extends ArrayRecord {
  /** Its folder, absolute. */
  readonly folder: string;
}

/** How a task ended by its own account (`exit-N`). */
export interface TaskExit {
  readonly code: number;
  /** Whether it had been told to end before its time limit, or when the study was stopped. */
  readonly asked: boolean;
}

const recordName = 'array.json';

async function numbersOf(slurm: string): Promise<readonly number[]> {
  const names = await readdir(slurm).catch(() => []);
  return names.flatMap((name) => /^array-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

/**
 * Makes the next folder `slurm/array-N` of a study, which no other process gets.
 * @throws UserError UNET6058 where the system refuses
 */
export async function makeArrayFolder(study: string): Promise<string> {
  const slurm = path.join(study, 'slurm');
  try {
    await createFolders(slurm);
    for (let number = Math.max(0, ...(await numbersOf(slurm))) + 1; ; number++) {
      const folder = path.join(slurm, `array-${number}`);
      const made = await mkdir(folder).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false;
          throw error;
        },
      );
      if (made) return folder;
    }
  } catch (error) {
    throw asWriteError(error, slurm);
  }
}

export async function writeRecord({ folder, ...record }: RecordedArray): Promise<void> {
  await writeFileAtomic(path.join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);
}

export async function removeArrayFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function readRecord(folder: string): Promise<RecordedArray | undefined> {
  const file = path.join(folder, recordName);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  // The process that made the folder ended before it submitted anything.
  if (text === undefined) return undefined;
  try {
    return { ...recordSchema.parse(JSON.parse(text)), folder };
  } catch {
    throw new UserError(
      'UNET6105',
      `\`${file}\` does not contain the submitted jobs.`,
      'Check with `squeue --me` whether jobs of the study are still running; cancel them or wait for them, then remove the folder.',
    );
  }
}

/**
 * The arrays submitted for a study, the first one first.
 * @throws UserError UNET6105 for a record that was changed by hand
 */
export async function readArrays(study: string): Promise<readonly RecordedArray[]> {
  const slurm = path.join(study, 'slurm');
  const numbers = [...(await numbersOf(slurm))].sort((a, b) => a - b);
  const records = await Promise.all(numbers.map((number) => readRecord(path.join(slurm, `array-${number}`))));
  return records.filter((record) => record !== undefined);
}

/** How a task ended by its own account; undefined where it could not say. */
export async function readExit(folder: string, index: number): Promise<TaskExit | undefined> {
  const text = await readFile(path.join(folder, `exit-${index}`), 'utf8').catch(() => '');
  const [, code, asked] = /^(\d+)( asked)?\n$/.exec(text) ?? [];
  return code === undefined ? undefined : { code: Number(code), asked: asked !== undefined };
}

const tailBytes = 8192;

/** What a task printed last, since its last start. */
export async function readLogEnd(folder: string, index: number): Promise<string> {
  const handle = await open(path.join(folder, `task-${index}.log`), 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    await handle.read(buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString('utf8');
    return text.slice(Math.max(0, text.lastIndexOf('\n== ')));
  } finally {
    await handle.close();
  }
}
