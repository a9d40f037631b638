import { noncentralStudentCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.js';
import { deviation } from './moments.js';
import { SIGN_FLIP_EXACT, SIGN_FLIPS } from './sign-flip.js';

/** Level at which a difference is called shown: both tests' p-values, adjusted by Holm, are below. */
export const LEVEL = 0.05;
const POWER = 0.8;

/**
 * The smallest p that both tests can give of `n` differences: that of differences which all have one sign. Wilcoxon's
 * goes lower where sign flips are drawn.
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
 * The true mean difference that both tests find with a chance of about 0.8 among so many comparisons, for this many
 * differences, normal and of this spread. p-values of exact tests are multiples of the smallest one; of these, the
 * largest below 0.05 / comparisons, which is what Holm asks of the first, is the level of a two-sided paired t test with power
 * 0.8. Where only the smallest is below, all differences must have one sign, and the chance of that is 0.8.
 * @returns null for fewer than two differences, where all are equal, and where no difference could be shown
 */
export function detectableDifference(differences: readonly number[], comparisons: number): number | null {
  const n = differences.length;
  if (n < 2 || differences.every((difference) => difference === differences[0])) return null;
  const effect = detectableEffect(n, comparisons);
  return effect === undefined ? null : effect * deviation(differences);
}

/**
 * The share of 95 % bootstrap intervals over `n` normally spread cases that hold the true mean, about: those of few
 * cases are too narrow, for resampling knows neither Student's t nor the n - 1 of a deviation.
 */
export function bootstrapCoverage(n: number): number {
  const reach = normalQuantile(0.975) * Math.sqrt((n - 1) / n);
  return 1 - 2 * studentCdf(-reach, n - 1);
}
