import { randomStream } from '../../random/random-stream.js';
import { cachedByCount } from './cached-by-count.js';

export interface SignFlipResult {
  /** Two-sided. */
  readonly p: number;
  readonly method: 'exact' | 'monte carlo';
}

/** Up to this many differences all sign flips are counted; above, `SIGN_FLIPS` are drawn. */
export const SIGN_FLIP_EXACT = 32;
export const SIGN_FLIPS = 99_999;

/** Sums that differ only by rounding are equal: tolerance as a fraction of the sum of all absolute differences. */
const ROUNDING = 1e-12;

/** Sums of the values under every choice of their signs, ascending. */
function signedSums(values: readonly number[]): Float64Array {
  let sums = Float64Array.of(0);
  for (const value of values) {
    const next = new Float64Array(2 * sums.length);
    next.set(sums.map((sum) => sum + value));
    next.set(
      sums.map((sum) => sum - value),
      sums.length,
    );
    sums = next;
  }
  return sums.sort();
}

/** Counts how many of all 2^n signed sums reach `least`, from the sorted sums of two halves, without listing them. */
function countReaching(values: readonly number[], least: number): number {
  const half = values.length >> 1;
  const low = signedSums(values.slice(0, half));
  const high = signedSums(values.slice(half));
  let count = 0;
  let at = high.length;
  for (const sum of low) {
    while (at > 0 && sum + high[at - 1]! >= least) at--;
    count += high.length - at;
  }
  return count;
}

/** Random signs for `SIGN_FLIPS` flips: one bit each, eight differences per byte. */
const flipsOf = cachedByCount((count) => {
  const random = randomStream(0, 'sign-flip', count);
  return Uint8Array.from({ length: SIGN_FLIPS * Math.ceil(count / 8) }, () => random.integer(256));
});

/** For each eight differences, the 256 sums over their possible signs. */
function blockSums(values: readonly number[]): Float64Array {
  const blocks = Math.ceil(values.length / 8);
  const sums = new Float64Array(256 * blocks);
  for (let at = 0; at < sums.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const value = values[8 * (at >> 8) + bit] ?? 0;
      sums[at]! += (at >> bit) & 1 ? value : -value;
    }
  return sums;
}

function countDrawn(values: readonly number[], least: number): number {
  const flips = flipsOf(values.length);
  const sums = blockSums(values);
  let count = 0;
  for (let flip = 0, at = 0; flip < SIGN_FLIPS; flip++) {
    let sum = 0;
    for (let block = 0; block < sums.length; block += 256) sum += sums[block + flips[at++]!]!;
    if (Math.abs(sum) >= least) count++;
  }
  return count;
}

/**
 * Permutation test of a mean difference (Fisher 1935), two-sided: if row and base were equal, each case's difference
 * could equally have had the other sign. p is the fraction of sign flips whose mean is at least as far from 0 as the
 * observed one: of all 2^n up to 32 differences; above, of 99,999 drawn flips and the observed one, (b + 1) / (m + 1)
 * (Phipson and Smyth 2010).
 * @returns null without differences; p is 1 if the mean is 0
 */
export function signFlipTest(differences: readonly number[]): SignFlipResult | null {
  const n = differences.length;
  if (n === 0) return null;
  const scale = differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const found = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  const least = found - ROUNDING * scale;
  if (n > SIGN_FLIP_EXACT) return { p: (countDrawn(differences, least) + 1) / (SIGN_FLIPS + 1), method: 'monte carlo' };
  return { p: least <= 0 ? 1 : (2 * countReaching(differences, least)) / 2 ** n, method: 'exact' };
}
