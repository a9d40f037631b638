import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A reproducible stream of random numbers; two streams of different keys are independent. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** Whole number in [0, count), uniform up to 2^-32. */
  integer(count: number): number;
}

/** 32-bit FNV-1a over the UTF-16 units of `text`, then murmur3's finalizer so that near keys lie far apart. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The stream of a seed and a key such as `('patch', caseId, step)`. Every random choice of the product comes from one
 * of these, so that it depends on what it is for and not on what was drawn before it, in whatever process.
 */
export function randomStream(seed: number, ...key: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(hash(JSON.stringify([seed, ...key])));
  const uniform = (): number => (generator.next() >>> 0) / 4294967296;
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
  return { uniform, normal, integer: (count) => Math.floor(uniform() * count) };
}
