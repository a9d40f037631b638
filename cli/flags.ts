import { InvalidArgumentError, Option } from 'commander';
import type { Allowance } from '../runtime/data/cautions/caution.js';
import { ENGINE_NAMES } from '../runtime/engine/catalogue.js';

/** A flag that may be given several times; the list of its values, empty where it is not given. */
export function several(flags: string, description: string): Option {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value];
  return new Option(flags, description).argParser(collect).default([], 'none');
}

/** `64,64,64` or `64x64x64` as whole numbers. */
export function sizes(value: string): number[] {
  const numbers = value.split(/[,x]/).map(Number);
  if (numbers.length >= 1 && numbers.length <= 3 && numbers.every((each) => Number.isInteger(each) && each > 0))
    return numbers;
  throw new InvalidArgumentError('It takes whole numbers joined by commas, such as 64,64,64.');
}

export function wholeFrom(least: number) {
  return (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`It takes a whole number from ${least}.`);
  };
}

/** `1,2,3` as whole numbers from 0. */
export function wholeNumbers(value: string): number[] {
  const all = value.split(',').map((each) => (each.trim() === '' ? NaN : Number(each)));
  if (all.every((each) => Number.isInteger(each) && each >= 0)) return all;
  throw new InvalidArgumentError('It takes whole numbers from 0 joined by commas, such as 1,2,3.');
}

export function positive(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It takes a number above 0, such as 3e-4.');
}

/** `a,b` as a list of names. */
export function names(value: string): string[] {
  const all = value.split(',').map((name) => name.trim());
  if (all.every((name) => name !== '')) return all;
  throw new InvalidArgumentError('It takes names joined by commas.');
}

export function choice(flags: string, description: string, values: readonly string[], fallback: string): Option {
  return new Option(flags, description).choices(values).default(fallback);
}

export const modelFlag = ['--model <name>', 'the model to take, where the file declares several'] as const;
export const setFlag = (): Option =>
  several('--set <knob=value>', 'gives a knob another value, any expression of the language; may be repeated');
export const engineFlag = (): Option =>
  choice('--engine <name>', 'what computes (see `unet engines`)', ENGINE_NAMES, 'auto').env('UNET_ENGINE');
export const threadsFlag = (): Option =>
  new Option('--threads <n>', 'threads to compute on, where the engine lets itself be told')
    .argParser(wholeFrom(1))
    .env('UNET_THREADS');

export const forceFlag = (): Option => new Option('--force', 'replace existing files, even if unet did not write them');

/** Examples below a command's help. */
export function example(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ unet ${line}`).join('\n')}\n`;
}

/** Commands that write files say what they did as JSON where it is asked for. */
export const jsonFlag = (): Option => new Option('--json', 'says as JSON what was done');

const allowed = {
  'training-cases': 'score cases that the network was trained on; the report marks them',
  unfinished: 'score a run whose training diverged or did not finish',
  'shared-labels': 'accept cases that share one label file',
} as const satisfies Record<Allowance, string>;

/** A flag that turns an error into a warning. */
export const allowFlag = (allowance: Allowance): Option => new Option(`--allow-${allowance}`, allowed[allowance]);
