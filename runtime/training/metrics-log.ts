import { open, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../errors/user-error.js';
import { readIfPresent } from '../files/file-error.js';
import { readJson } from '../files/read-json.js';
import type { MetricsLine } from './events.js';
import { asWriteError } from '../files/atomic-file.js';

/**
 * Appends a line of JSON to a file and flushes it.
 * @returns the length of the file in bytes afterwards
 * @throws UserError UNET6058 for lack of space or permission; a partial line may remain
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

const score = z.number().nullable();

/** Fields that are only read by people may be added without changing the format. */
const lineSchema = z.looseObject({
  epoch: z.int(),
  step: z.int(),
  lr: z.number(),
  loss: z.number(),
  terms: z.record(z.string(), z.number()),
  gradientNorm: z.number(),
  validation: z.looseObject({ dice: z.record(z.string(), score), mean: score }).optional(),
  seconds: z.number(),
  waitedSeconds: z.number(),
  memory: z.number(),
});

function damaged(file: string, fault: string, help?: string): UserError {
  return new UserError(
    'UNET6066',
    `The metrics \`${file}\` ${fault}.`,
    help ?? 'Restore the file from a copy, or start the run again in another folder.',
  );
}

function parseLines(text: string, file: string): MetricsLine[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    const errorOf = ({ fault, help }: { fault: string; help?: string }): UserError =>
      damaged(file, `are damaged in line ${index + 1}, which ${fault}`, help);
    return [readJson(lineSchema, line, errorOf) as MetricsLine];
  });
}

/**
 * The lines of a run's `metrics.jsonl`, without an incomplete last line from a killed process.
 * @throws UserError UNET6066 if the file is missing or damaged, UNET6069 if it cannot be read
 */
export async function readMetrics(file: string): Promise<MetricsLine[]> {
  const text = await readIfPresent(file);
  if (text === undefined) throw damaged(file, 'are missing');
  return parseLines(text, file);
}

/**
 * Truncates a run's `metrics.jsonl` to the bytes that belong to a checkpoint. The file may be missing if there are
 * none.
 * @throws UserError UNET6066 if these bytes are incomplete or damaged, UNET6069 if the file cannot be read
 */
export async function cutMetrics(file: string, bytes: number): Promise<void> {
  const text = await readIfPresent(file);
  if (text === undefined && bytes > 0) throw damaged(file, 'are missing');
  const whole = Buffer.from(text ?? '');
  if (whole.length < bytes) {
    throw damaged(file, `have ${whole.length} bytes, but had ${bytes} when the checkpoint was written`);
  }
  // Every line ends with a line feed, including the last one of a checkpoint.
  if (bytes > 0 && whole[bytes - 1] !== 0x0a) throw damaged(file, 'are damaged: their lines have changed');
  parseLines(whole.toString('utf8', 0, bytes), file);
  if (whole.length > bytes) await truncate(file, bytes);
}
