/** Flags that benchmarks share. */
import { InvalidArgumentError, Option } from 'commander';
import { networkNamed, type BenchmarkNetwork } from '../networks.js';

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It takes a whole number from 1.');
}

function networkList(value: string): BenchmarkNetwork[] {
  try {
    return value.split(',').map((name) => networkNamed(name.trim()));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

export const engineOption = (): Option =>
  new Option('--engine <name>', 'engine of our side').default('auto', 'the fastest that runs here');

export const networksOption = (names: string): Option =>
  new Option('--networks <names>', 'networks, joined by commas')
    .argParser(networkList)
    .default(networkList(names), names);

export const wholeOption = (flags: string, description: string, fallback: number): Option =>
  new Option(flags, description).argParser(wholeNumber).default(fallback);
