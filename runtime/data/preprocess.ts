import type { Normalization } from '../../contract/protocol.js';
import { isConstant } from './decode.js';
import type { ChannelStatistics } from './voxel-facts.js';

/** The normalisation of a stored value: `(value - mean) * factor`, except that 0 stays 0 if `keepZero`. */
export interface Normalizer {
  readonly mean: number;
  readonly factor: number;
  readonly keepZero: boolean;
}

/**
 * How a channel is normalised.
 * - `zscore(nonzero)`: mean and population deviation over the channel's voxels that are not 0, in the whole volume;
 *   those voxels become (x - mean) / deviation, and voxels that are 0 (outside a skull-stripped head) stay 0. For
 *   images without negative values this is the release's "voxels > 0".
 * - `zscore(all)`: the same over all voxels, applied to all.
 * - `none`: values as they are.
 *
 * Voxels over which a channel is constant (see `isConstant`) become 0.
 */
export function normalizerOf(normalization: Normalization, statistics: ChannelStatistics): Normalizer {
  if (normalization.kind === 'none') return { mean: 0, factor: 1, keepZero: false };
  const intensities = statistics[normalization.over];
  const { mean } = intensities;
  const factor = isConstant(intensities) ? 0 : 1 / intensities.deviation;
  return { mean, factor, keepZero: normalization.over === 'nonzero' };
}

/** Normalises `count` stored values, starting at `from`, into `target` at `to`. */
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
