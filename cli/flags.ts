import { InvalidArgumentError, Option } from 'commander';
import type { Allowance } from '../runtime/data/cautions/caution.js';
import { fixedSpace, wrapLines } from '../text/wrap.js';
import { colours } from './colours.js';
import { ENGINE_NAMES } from '../runtime/engine/catalogue.js';

/** A repeatable flag, whose value is the list of the given values (empty by default). */
export function several(flags: string, description: string): Option {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value];
  return new Option(flags, description).argParser(collect).default([], 'none');
}

/** Parses `64,64,64` or `64x64x64` as positive whole numbers. */
export function sizes(value: string): number[] {
  const numbers = value.split(/[,x]/).map(Number);
  if (numbers.length >= 1 && numbers.length <= 3 && numbers.every((each) => Number.isInteger(each) && each > 0))
    return numbers;
  throw new InvalidArgumentError('Expected comma-separated whole numbers, such as 64,64,64.');
}

export function wholeFrom(least: number) {
  return (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}

/** Parses `1,2,3` as whole numbers from 0. */
export function wholeNumbers(value: string): number[] {
  const all = value.split(',').map((each) => (each.trim() === '' ? NaN : Number(each)));
  if (all.every((each) => Number.isInteger(each) && each >= 0)) return all;
  throw new InvalidArgumentError('Expected comma-separated whole numbers from 0, such as 1,2,3.');
}

/** Parses a learning rate: a protocol allows those up to 1000. */
export function learningRate(value: string): number {
  const number = positive(value);
  if (number <= 1000) return number;
  throw new InvalidArgumentError('Expected a learning rate of at most 1000, such as 3e-4.');
}

export function positive(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('Expected a number greater than 0, such as 3e-4.');
}

/** Parses `a,b` as a list of names. */
export function names(value: string): string[] {
  const all = value.split(',').map((name) => name.trim());
  if (all.every((name) => name !== '')) return all;
  throw new InvalidArgumentError('Expected comma-separated names.');
}

export function choice(flags: string, description: string, values: readonly string[], fallback?: string): Option {
  return new Option(flags, description).choices(values).default(fallback);
}

export const modelFlag = ['--model <name>', 'Model to use if the file declares several'] as const;
export const setFlag = (): Option =>
  several('--set <knob=value>', 'Set a knob to any expression of the language (repeatable)');
export const engineFlag = (): Option =>
  choice('--engine <name>', 'Compute backend (see `unet engines`)', ENGINE_NAMES, 'auto').env('UNET_ENGINE');
export const threadsFlag = (): Option =>
  new Option('--threads <n>', 'Number of compute threads (if the engine supports it)')
    .argParser(wholeFrom(1))
    .env('UNET_THREADS');

export const forceFlag = (): Option =>
  new Option('--force', 'Overwrite existing files, even if unet did not write them');

/** Columns of examples, which leave room for `  $ ` and ` \`. */
const exampleColumns = 73;

/** A flag with its value, which stay on one line. */
const flagWithValue = /(?<= --?[a-z-]+) (?=[^- ])|(?<='[^' ]*) (?=[^' ]*')/g;

/** Returns the text of the examples that follow a command's help, computed when it is shown; a long one is continued on the next line, as a shell reads it. */
export function example(...lines: readonly string[]): () => string {
  return () => examplesText(lines);
}

function examplesText(lines: readonly string[]): string {
  const shown = lines.map((line) => {
    const wrapped = wrapLines(`unet ${line}`.replace(flagWithValue, fixedSpace), exampleColumns);
    return `  $ ${wrapped.replaceAll('\n', ' \\\n    ')}`;
  });
  return `\n${colours.bold('Examples:')}\n${shown.join('\n')}\n`;
}

/** The flag of commands whose result is the files that they write. */
export const jsonFlag = (): Option => new Option('--json', 'Print the result as JSON');

const allowed = {
  'training-cases': 'Score cases that the network was trained on; the report marks them',
  unfinished: 'Score a run whose training diverged or did not finish',
  'shared-labels': 'Accept cases that share a label file',
} as const satisfies Record<Allowance, string>;

/** A flag that downgrades an error to a warning. */
export const allowFlag = (allowance: Allowance): Option => new Option(`--allow-${allowance}`, allowed[allowance]);
