import { mkdir, open, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createFolders } from '../../files/make-folder.js';
import { z } from 'zod';
import { UserError } from '../../errors/user-error.js';
import { asWriteError, writeFileAtomic } from '../../files/atomic-file.js';

const recordSchema = z.strictObject({
  format: z.literal(1),
  /** The array's job id; null until sbatch has returned it. */
  id: z.string().regex(/^\d+$/).nullable(),
  /** The path of the batch file as passed to sbatch; it distinguishes the array from another one with the same id. */
  batch: z.string(),
  /** Run folders of its tasks by index, relative to the study's. */
  runs: z.array(z.string()),
});

/** `array.json` in a folder `slurm/array-N`: an array that was submitted, or was about to be. */
export type ArrayRecord = z.infer<typeof recordSchema>;

export interface RecordedArray extends ArrayRecord {
  /** Its folder, absolute. */
  readonly folder: string;
}

/** The result of a task as recorded by its own script (`exit-N`). */
export interface TaskExit {
  readonly code: number;
  /** Whether it had been asked to stop before its time limit, or because the study was stopped. */
  readonly asked: boolean;
}

const recordName = 'array.json';

async function numbersOf(slurm: string): Promise<readonly number[]> {
  const names = await readdir(slurm).catch(() => []);
  return names.flatMap((name) => /^array-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

/**
 * Creates the next folder `slurm/array-N` of a study, exclusively for this process.
 * @throws UserError UNET6058 if the system refuses
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
  // The process that created the folder ended before it submitted anything.
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
 * The arrays submitted for a study, in order.
 * @throws UserError UNET6105 for a record that was changed by hand
 */
export async function readArrays(study: string): Promise<readonly RecordedArray[]> {
  const slurm = path.join(study, 'slurm');
  const numbers = [...(await numbersOf(slurm))].sort((a, b) => a - b);
  const records = await Promise.all(numbers.map((number) => readRecord(path.join(slurm, `array-${number}`))));
  return records.filter((record) => record !== undefined);
}

/** The result of a task as recorded by its own script; undefined if it could not record one. */
export async function readExit(folder: string, index: number): Promise<TaskExit | undefined> {
  const text = await readFile(path.join(folder, `exit-${index}`), 'utf8').catch(() => '');
  const [, code, asked] = /^(\d+)( asked)?\n$/.exec(text) ?? [];
  return code === undefined ? undefined : { code: Number(code), asked: asked !== undefined };
}

const tailBytes = 8192;

/** The end of a task's output since its last start. */
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
