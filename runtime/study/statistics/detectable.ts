import { noncentralStudentCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.js';
import { deviation } from './moments.js';
import { SIGN_FLIP_EXACT, SIGN_FLIPS } from './sign-flip.js';

/** The significance level: a difference is significant if both tests' p-values, adjusted by Holm, are below it. */
export const LEVEL = 0.05;
const POWER = 0.8;

/**
 * The smallest p-value that both tests can reach with `n` differences: that of differences which all have the same
 * sign. Wilcoxon's can be lower if sign flips are drawn.
 */
export function smallestP(n: number): number {
  return n > SIGN_FLIP_EXACT ? 1 / (SIGN_FLIPS + 1) : Math.min(1, 2 / 2 ** n);
}

/** The noncentrality at which a two-sided t test of `n` differences at `level` has power 0.8, by bisection. */
function neededNoncentrality(n: number, level: number): number {
  const freedom = n - 1;
  const critical = studentQuantile(1 - level / 2, freedom);
  const power = (noncentrality: number): number =>
    1 -
    noncentralStudentCdf(critical, freedom, noncentrality) +
    noncentralStudentCdf(-critical, freedom, noncentrality);
  let [low, high] = [0, 4];
  while (power(high) < POWER) [low, high] = [high, 2 * high];
  while (high - low > 1e-7) {
    const middle = (low + high) / 2;
    if (power(middle) < POWER) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The true mean difference that both tests find with a probability of about 0.8 (see `detectableDifference`), in standard
 * deviations of the differences; undefined for fewer than two cases, and if even the smallest p-value is not significant.
 */
export function detectableEffect(n: number, comparisons: number): number | undefined {
  if (n < 2) return undefined;
  const step = smallestP(n);
  const below = Math.ceil(LEVEL / comparisons / step) - 1;
  if (below < 1) return undefined;
  if (below === 1) return normalQuantile(POWER ** (1 / n));
  return neededNoncentrality(n, below * step) / Math.sqrt(n);
}

/**
 * The true mean difference that both tests find with a probability of about 0.8 among `comparisons` comparisons, for
 * this many normally distributed differences with this spread. p-values of exact tests are multiples of the smallest
 * one; the largest multiple below 0.05 / comparisons, which Holm requires for the first comparison, is the level of a
 * two-sided paired t test with power 0.8. If only the smallest is below, all differences must have the same sign, and
 * the probability of that is 0.8.
 * @returns null for fewer than two differences, if all are equal, and if no difference could be significant
 */
export function detectableDifference(differences: readonly number[], comparisons: number): number | null {
  const n = differences.length;
  if (n < 2 || differences.every((difference) => difference === differences[0])) return null;
  const effect = detectableEffect(n, comparisons);
  return effect === undefined ? null : effect * deviation(differences);
}

/**
 * The approximate coverage of 95 % bootstrap intervals over `n` normally distributed cases: with few cases they are too
 * narrow, because resampling ignores Student's t and the n - 1 of a standard deviation.
 */
export function bootstrapCoverage(n: number): number {
  const reach = normalQuantile(0.975) * Math.sqrt((n - 1) / n);
  return 1 - 2 * studentCdf(-reach, n - 1);
}
