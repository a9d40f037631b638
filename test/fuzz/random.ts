import { randomStream } from '../../runtime/random/random-stream.js';

/** Choices that depend on a seed alone. */
export interface Chooser {
  /** A fraction in [0, 1). */
  readonly fraction: () => number;
  /** A whole number in [0, count). */
  readonly below: (count: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  /** From `least` to `most` results of `make`. */
  readonly several: <T>(least: number, most: number, make: (index: number) => T) => T[];
}

export function chooser(seed: number): Chooser {
  const random = randomStream(seed, 'fuzz');
  const below = (count: number): number => random.integer(count);
  return {
    fraction: () => random.uniform(),
    below,
    chance: (probability) => random.uniform() < probability,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    several: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, (_, index) => make(index)),
  };
}
