import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A reproducible stream of random numbers; streams with different keys are independent. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /**
   * Adds `deviation` times a standard normal number to each value: the same numbers as repeated calls of `normal`, but
   * faster.
   */
  addNormals(values: Float32Array, deviation: number): void;
  /** Integer in [0, count), uniform up to 2^-32. */
  integer(count: number): number;
}

/**
 * 32-bit FNV-1a over the UTF-16 units of `text`, then murmur3's finalizer so that similar keys give very different
 * values.
 */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The stream for a seed and a key such as `('patch', caseId, step)`. Every random choice of the product uses such a
 * stream, so that it depends only on its purpose and not on what was drawn before it, in whatever process.
 */
export function randomStream(seed: number, ...key: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(hash(JSON.stringify([seed, ...key])));
  const uniform = (): number => (generator.next() >>> 0) / 4294967296;
  const pair = new Float64Array(2);
  let spare = false;
  const drawPair = (): void => {
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      pair[0] = x * factor;
      pair[1] = y * factor;
      return;
    }
  };
  const normal = (): number => {
    spare = !spare;
    if (spare) drawPair();
    return pair[spare ? 0 : 1] as number;
  };
  const addNormals = (values: Float32Array, deviation: number): void => {
    let i = 0;
    if (spare && values.length > 0) values[i++]! += deviation * normal();
    for (; i + 1 < values.length; i += 2) {
      drawPair();
      values[i]! += deviation * (pair[0] as number);
      values[i + 1]! += deviation * (pair[1] as number);
    }
    if (i < values.length) values[i]! += deviation * normal();
  };
  return { uniform, normal, addNormals, integer: (count) => Math.floor(uniform() * count) };
}
