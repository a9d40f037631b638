import { boxVolume } from './box.js';
import { isConstant } from './decode.js';
import type { ChannelNormalization } from './preparation-types.js';
import type { Intensities } from './voxel-facts.js';
import type { VoxelSource } from './voxel-source.js';

/** The normalisation of a stored value: `(value - mean) * factor`, except that 0 stays 0 if `keepZero`. */
export interface Normalizer {
  readonly mean: number;
  readonly factor: number;
  readonly keepZero: boolean;
  /** The range that values are clipped to first. */
  readonly clip?: readonly [lowest: number, highest: number];
}

const asStored: Normalizer = { mean: 0, factor: 1, keepZero: false };

/** Subtracts the lower bound and divides by the extent; a channel without extent becomes 0. */
function scaled(minimum: number, maximum: number): Normalizer {
  const factor = isConstant({ minimum, maximum }) ? 0 : 1 / (maximum - minimum);
  return { mean: minimum, factor, keepZero: false, clip: [minimum, maximum] };
}

function standardized({ mean, deviation, ...range }: Intensities, keepZero: boolean): Normalizer {
  return { mean, factor: isConstant(range) ? 0 : 1 / deviation, keepZero };
}

/** The quantile of values in increasing order, linear between two of them (NumPy's default). */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (position - below) * (high - low);
}

const known = new WeakMap<VoxelSource, Map<string, Promise<readonly [number, number]>>>();

/** Two percentiles of a channel of a whole case, computed once for each open case. */
function percentilesIn(
  source: VoxelSource,
  channel: number,
  from: number,
  to: number,
): Promise<readonly [number, number]> {
  const own = known.get(source) ?? new Map<string, Promise<readonly [number, number]>>();
  known.set(source, own);
  const key = [channel, from, to].join();
  const before = own.get(key);
  if (before !== undefined) return before;
  const found = readChannel(source, channel).then((values) => {
    values.sort();
    return [quantileOfSorted(values, from / 100), quantileOfSorted(values, to / 100)] as const;
  });
  own.set(key, found);
  found.catch(() => own.delete(key));
  return found;
}

/** All voxels of a channel, as stored: [D, H, W]. */
export async function readChannel(source: VoxelSource, channel: number): Promise<Float32Array> {
  const whole = { origin: [0, 0, 0], size: source.geometry.shape } as const;
  const values = new Float32Array(boxVolume(whole));
  await source.image(whole, [channel], (_, data, from, count, to) => {
    for (let i = 0; i < count; i++) values[to + i] = data[from + i] as number;
  });
  return values;
}

/**
 * How a channel of a case is normalised.
 * - `zscore(nonzero)`: mean and population deviation over the channel's voxels that are not 0, in the whole volume;
 *   those voxels become (x - mean) / deviation, and voxels that are 0 (outside a skull-stripped head) stay 0. For
 *   images without negative values this is the release's "voxels > 0".
 * - `zscore(all)`: the same over all voxels, applied to all.
 * - `ct`: clipped to two percentiles of the training foreground, then (x - mean) / deviation of that (nnU-Net).
 * - `minmax`, `percentiles`: the range of the channel, or two of its percentiles, becomes 0 .. 1; clipped to it.
 * - `none`: values as they are.
 *
 * Voxels over which a channel is constant (see `isConstant`) become 0.
 * @param channel in file order
 */
export async function normalizerOf(
  normalization: ChannelNormalization,
  source: VoxelSource,
  channel: number,
): Promise<Normalizer> {
  const statistics = source.statistics[channel];
  if (statistics === undefined) throw new RangeError(`channel ${channel} of ${source.statistics.length}`);
  switch (normalization.kind) {
    case 'none':
      return asStored;
    case 'zscore':
      return standardized(statistics[normalization.over], normalization.over === 'nonzero');
    case 'minmax':
      return scaled(statistics.all.minimum, statistics.all.maximum);
    case 'percentiles':
      return scaled(...(await percentilesIn(source, channel, normalization.from, normalization.to)));
    case 'ct': {
      const { mean, deviation, low, high } = normalization;
      const range = { mean, deviation, minimum: low, maximum: high };
      return { ...standardized(range, false), clip: [low, high] };
    }
  }
}

/** Normalises `count` stored values, starting at `from`, into `target` at `to`. */
export function normalizeInto(
  { mean, factor, keepZero, clip }: Normalizer,
  stored: ArrayLike<number>,
  from: number,
  count: number,
  target: Float32Array,
  to: number,
): void {
  if (clip !== undefined) {
    const [lowest, highest] = clip;
    for (let i = 0; i < count; i++) {
      const value = Math.min(highest, Math.max(lowest, stored[from + i] as number));
      target[to + i] = (value - mean) * factor;
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    const value = stored[from + i] as number;
    target[to + i] = keepZero && value === 0 ? 0 : (value - mean) * factor;
  }
}
