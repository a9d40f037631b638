import { normalCdf } from './distributions.js';
import { midRanks } from './mid-ranks.js';

export interface WilcoxonResult {
  /** Two-sided. */
  readonly p: number;
  /** Sum of the ranks of positive and of negative differences. */
  readonly positive: number;
  readonly negative: number;
  /** Differences that are not zero. */
  readonly n: number;
  readonly method: 'exact' | 'normal';
}

/** Up to so many nonzero differences the distribution is counted out; 2^50 is exact in a double. */
export const WILCOXON_EXACT = 50;

/**
 * P(W <= w) where each rank is in the sum W or not, alike likely: the null distribution for these very ranks, ties
 * and all. Doubled ranks are whole numbers.
 */
function exactTail(ranks: readonly number[], w: number): number {
  const total = ranks.reduce((sum, rank) => sum + 2 * rank, 0);
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += 2 * rank;
    for (let sum = reached; sum >= 2 * rank; sum--) ways[sum]! += ways[sum - 2 * rank]!;
  }
  return ways.subarray(0, 2 * w + 1).reduce((sum, count) => sum + count, 0) / 2 ** ranks.length;
}

/** Smaller tails than this are lost in the rounding of the normal distribution function. */
const LEAST_NORMAL_TAIL = 5e-13;

/** Normal approximation with continuity correction; the variance, sum of rank^2 / 4, is that of the ranks with their ties. */
function normalTail(ranks: readonly number[], w: number): number {
  const centre = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
  const variance = ranks.reduce((sum, rank) => sum + rank ** 2, 0) / 4;
  return Math.max(LEAST_NORMAL_TAIL, normalCdf(Math.min(0, w - centre + 0.5) / Math.sqrt(variance)));
}

/**
 * Wilcoxon's signed-rank test of paired differences (Wilcoxon 1945), two-sided. Zeros are left out, as he did; ties
 * get mid-ranks. Exact up to 50 nonzero differences, ties included; above, the normal approximation, where a
 * p below 1e-12 is given as 1e-12.
 * @returns null without a difference; p 1 where all are zero
 */
export function wilcoxonSignedRank(differences: readonly number[]): WilcoxonResult | null {
  if (differences.length === 0) return null;
  const nonzero = differences.filter((difference) => difference !== 0);
  const ranks = midRanks(nonzero.map(Math.abs));
  const sumOf = (sign: number): number =>
    ranks.reduce((sum, rank, index) => (Math.sign(nonzero[index]!) === sign ? sum + rank : sum), 0);
  const [positive, negative] = [sumOf(1), sumOf(-1)];
  const method = nonzero.length <= WILCOXON_EXACT ? 'exact' : 'normal';
  const tail = (method === 'exact' ? exactTail : normalTail)(ranks, Math.min(positive, negative));
  return { p: Math.min(1, 2 * tail), positive, negative, n: nonzero.length, method };
}
