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

/** Up to this many nonzero differences the exact distribution is counted; 2^50 is exact in a double. */
export const WILCOXON_EXACT = 50;

/**
 * P(W <= w) if each rank is in the sum W or not with equal probability: the null distribution for these exact ranks,
 * including ties. Doubled ranks are integers.
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

/** Smaller tails are lost in the rounding of the normal distribution function. */
const LEAST_NORMAL_TAIL = 5e-13;

/** Normal approximation with continuity correction; the variance, sum of rank^2 / 4, accounts for ties. */
function normalTail(ranks: readonly number[], w: number): number {
  const centre = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
  const variance = ranks.reduce((sum, rank) => sum + rank ** 2, 0) / 4;
  return Math.max(LEAST_NORMAL_TAIL, normalCdf(Math.min(0, w - centre + 0.5) / Math.sqrt(variance)));
}

/**
 * Wilcoxon's signed-rank test of paired differences (Wilcoxon 1945), two-sided. Zeros are dropped, as in the original;
 * ties get mid-ranks. Exact up to 50 nonzero differences, including ties; above, the normal approximation, in which p
 * below 1e-12 is reported as 1e-12.
 * @returns null without differences; p is 1 if all are zero
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
