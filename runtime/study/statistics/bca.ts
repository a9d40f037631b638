import { percentile } from '../../metrics/hausdorff.js';
import { randomStream } from '../../random/random-stream.js';
import { normalCdf, normalQuantile } from './distributions.js';
import { cachedByCount } from './cached-by-count.js';
import { mean } from './moments.js';

export const RESAMPLES = 10_000;

/** Deviations that differ from 0 only by rounding, as a fraction of the largest. */
const ROUNDING = 1e-12;

/** Indices of `RESAMPLES` resamples of `count` cases, one after another; the same in every process. */
export const resamplesOf = cachedByCount((count) => {
  const random = randomStream(0, 'bootstrap', count);
  const indices = count <= 65_536 ? new Uint16Array(RESAMPLES * count) : new Uint32Array(RESAMPLES * count);
  return indices.map(() => random.integer(count));
});

function resampledMeans(values: Float64Array): Float64Array {
  const indices = resamplesOf(values.length);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0, at = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[indices[at++]!]!;
    means[resample] = sum / values.length;
  }
  return means;
}

/** z of the fraction of resampled means below that of the sample, with equal ones counting half. */
function bias(means: Float64Array, rounding: number): number {
  let halves = 0;
  for (const value of means) halves += value < -rounding ? 2 : value <= rounding ? 1 : 0;
  return normalQuantile(halves / (2 * means.length));
}

/** From the jackknife, which for a mean equals the skewness of the deviations (Efron and Tibshirani 1993, 14.15). */
function acceleration(deviations: Float64Array): number {
  const sum = (power: number): number => deviations.reduce((total, value) => total + value ** power, 0);
  return sum(3) / (6 * sum(2) ** 1.5);
}

/**
 * Bias-corrected and accelerated 95 % bootstrap interval of a mean (Efron 1987): `RESAMPLES` resamples of the values
 * with replacement. Each value must represent a case with all of its measurements (its mean over seeds), so that
 * resampling a case includes every seed.
 * @returns null for fewer than three values, and if all are equal
 */
export function bcaInterval(values: readonly number[]): readonly [number, number] | null {
  if (values.length < 3) return null;
  const centre = mean(values);
  const deviations = Float64Array.from(values, (value) => value - centre);
  const largest = deviations.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest <= ROUNDING * Math.abs(centre)) return null;
  const means = resampledMeans(deviations);
  const z0 = bias(means, ROUNDING * largest);
  const a = acceleration(deviations);
  const end = (level: number): number => {
    const z = z0 + normalQuantile(level);
    return centre + percentile(means, 100 * normalCdf(z0 + z / (1 - a * z)));
  };
  const interval = [end(0.025), end(0.975)] as const;
  return interval.every(Number.isFinite) ? interval : null;
}
