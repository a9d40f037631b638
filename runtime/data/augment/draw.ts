/** Random choices that several augmentations make. */
import type { Random } from '../../random/random-stream.js';

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Returns whether something of this probability happens; certainty takes no random number. */
export function happens(random: Random, chance: number): boolean {
  return chance === 1 || random.uniform() < chance;
}

/** Draws uniformly; a range of one number takes no random number. */
export function between(random: Random, { from, to }: Range): number {
  return from === to ? from : from + (to - from) * random.uniform();
}

/** Draws below or above 1 with equal probability, as nnU-Net does, if the range has both. */
export function aroundOne(random: Random, { from, to }: Range): number {
  if (from >= 1 || to <= 1) return between(random, { from, to });
  return random.uniform() < 0.5 ? between(random, { from, to: 1 }) : between(random, { from: 1, to });
}
