import type { Normalization } from '../protocol.js';
import type { ChannelStatistics } from './decode.js';

/** What a stored value becomes: `(value - mean) * factor`, but 0 stays 0 where `keepZero`. */
export interface Normalizer {
  readonly mean: number;
  readonly factor: number;
  readonly keepZero: boolean;
}

/** A deviation below this is a constant channel, whose voxels become 0. */
const CONSTANT = 1e-8;

/**
 * How a channel is normalised.
 * - `zscore(nonzero)`: mean and population deviation over the channel's voxels that are not 0, in the whole volume;
 *   those voxels become (x - mean) / deviation, and voxels that are 0 (outside a skull-stripped head) stay 0. For
 *   images without negative values this is the release's "voxels > 0".
 * - `zscore(all)`: the same over all voxels, applied to all.
 * - `none`: values as they are.
 */
export function normalizerOf(normalization: Normalization, statistics: ChannelStatistics): Normalizer {
  if (normalization.kind === 'none') return { mean: 0, factor: 1, keepZero: false };
  const { mean, deviation } = statistics[normalization.over];
  const factor = deviation < CONSTANT ? 0 : 1 / deviation;
  return { mean, factor, keepZero: normalization.over === 'nonzero' };
}

/** Normalises `count` stored values from `from` on into `target` at `to`. */
export function normalizeInto(
  { mean, factor, keepZero }: Normalizer,
  stored: ArrayLike<number>,
  from: number,
  count: number,
  target: Float32Array,
  to: number,
): void {
  for (let i = 0; i < count; i++) {
    const value = stored[from + i] as number;
    target[to + i] = keepZero && value === 0 ? 0 : (value - mean) * factor;
  }
}
