import { noncentralStudentCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.js';
import { keepFew } from './keep-few.js';
import { deviation } from './moments.js';

const LEVEL = 0.05;
const POWER = 0.8;

/** The noncentrality at which a two-sided t test of `n` differences at 5 % has power 0.8, by bisection. */
const neededNoncentrality = keepFew((n) => {
  const freedom = n - 1;
  const critical = studentQuantile(1 - LEVEL / 2, freedom);
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
});

/**
 * The smallest true mean difference that a two-sided paired t test at 5 % finds with power 0.8, for this many
 * differences of this spread: noncentrality * sd / sqrt(n).
 * @returns null for fewer than two differences, and where all are equal
 */
export function detectableDifference(differences: readonly number[]): number | null {
  const n = differences.length;
  if (n < 2 || differences.every((difference) => difference === differences[0])) return null;
  return (neededNoncentrality(n) * deviation(differences)) / Math.sqrt(n);
}

/**
 * The share of 95 % bootstrap intervals over `n` normally spread cases that hold the true mean, about: those of few
 * cases are too narrow, for resampling knows neither Student's t nor the n - 1 of a deviation.
 */
export function bootstrapCoverage(n: number): number {
  const reach = normalQuantile(0.975) * Math.sqrt((n - 1) / n);
  return 1 - 2 * studentCdf(-reach, n - 1);
}
