import { z } from 'zod';
import { UserError } from '../../errors/user-error.js';
import { readTextFile } from '../../files/read-file.js';
import { readJson } from '../../files/read-json.js';
import { repeatedKey } from '../../files/repeated-key.js';
import { cannotRead } from '../place.js';
import type { DataLabel } from '../types.js';
import { refuseSimilarNames } from './listing.js';

/** An error in a `dataset.json`. */
export function invalidDescription(file: string, fault: string, help: string): UserError {
  return new UserError('UNET6002', `\`${file}\`: ${fault}.`, help);
}

/**
 * Reads a `dataset.json`.
 * @param help what the file must contain
 * @throws UserError UNET6001 (cannot be read), UNET6002
 */
export async function readDescription<T>(file: string, schema: z.ZodType<T>, contents: string): Promise<T> {
  const text = await readTextFile(file).catch((error: unknown) => {
    throw error instanceof UserError
      ? error
      : new UserError('UNET6001', cannotRead({ file }, error).message, 'Check the permissions and the disk.');
  });
  const description = readJson(schema, text, ({ fault, help = contents }) => {
    return new UserError('UNET6002', `\`${file}\` ${fault}.`, help);
  });
  const repeated = repeatedKey(text);
  if (repeated === undefined) return description;
  throw invalidDescription(
    file,
    `the key \`${repeated.key}\` is repeated in line ${repeated.line}`,
    'Keys must be unique: remove or rename one of the two.',
  );
}

/** The keys of a table as numbers: `1` and `01` would be the same. */
export function numbersOf(file: string, field: string, names: Readonly<Record<string, string>>): number[] {
  const wrong = Object.keys(names).find((key) => !/^(?:0|[1-9]\d*)$/.test(key));
  if (wrong === undefined) return Object.keys(names).map(Number);
  throw invalidDescription(
    file,
    `\`${field}\` has the invalid key \`${wrong}\``,
    'Keys must be whole numbers from 0, without leading zeros.',
  );
}

/** Names of channels in the order of their numbers, which must be consecutive from 0. */
export function channelsOf(file: string, field: string, names: Readonly<Record<string, string>>): string[] {
  const keys = numbersOf(file, field, names).sort((a, b) => a - b);
  if (keys.length === 0) throw invalidDescription(file, `\`${field}\` is empty`, 'List the channels by number.');
  if (keys.some((key, index) => key !== index)) {
    const fault = `\`${field}\` must be numbered 0 to ${keys.length - 1}`;
    throw invalidDescription(file, fault, 'Number the channels in file order.');
  }
  const channels = keys.map((key) => names[String(key)] ?? '');
  refuseSimilarNames(file, field, channels);
  return channels;
}

/** Checks and sorts the labels of a file. */
export function labelsOf(file: string, field: string, labels: readonly DataLabel[]): DataLabel[] {
  const list = [...labels].sort((a, b) => a.value - b.value);
  const help = 'List each value of the label files with its name.';
  if (list.length < 2) throw invalidDescription(file, `\`${field}\` must have at least two values`, help);
  const high = list.find(({ value }) => value > 254);
  if (high !== undefined) {
    throw invalidDescription(file, `label value ${high.value} is above 254`, 'Use values from 0 to 254.');
  }
  const names = list.map(({ name }) => name);
  refuseSimilarNames(file, field, names);
  return list;
}

/** Parses a `dataset.json` to tell its layout; undefined for anything but an object. */
export async function peekDescription(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const found = z.record(z.string(), z.unknown()).safeParse(JSON.parse(await readTextFile(file)));
    return found.data;
  } catch {
    return undefined;
  }
}
