/** Changes of the intensities of one channel, in place; as in batchgeneratorsv2. */

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

function moments(channel: Float32Array): Moments {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < channel.length; i++) sum += channel[i]!;
  const mean = sum / channel.length;
  for (let i = 0; i < channel.length; i++) squares += (channel[i]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / channel.length) };
}

function extremes(channel: Float32Array): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < channel.length; i++) {
    const value = channel[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Multiplies by a factor and adds an offset. */
export function rescale(channel: Float32Array, factor: number, offset: number): void {
  for (let i = 0; i < channel.length; i++) channel[i] = channel[i]! * factor + offset;
}

/** Multiplies the differences from the mean by a factor; what leaves the range that the channel had is clipped. */
export function changeContrast(channel: Float32Array, factor: number): void {
  const { mean } = moments(channel);
  const [low, high] = extremes(channel);
  for (let i = 0; i < channel.length; i++) {
    const value = (channel[i]! - mean) * factor + mean;
    channel[i] = value < low ? low : value > high ? high : value;
  }
}

/** A range or deviation below this counts as this, so that a constant channel stays one. */
const LEAST = 1e-7;

/** Raises intensities, scaled to 0 .. 1, to the power `gamma`, and scales them back. */
export function changeGamma(channel: Float32Array, gamma: number, invert: boolean, keepStatistics: boolean): void {
  if (invert) rescale(channel, -1, 0);
  const before = keepStatistics ? moments(channel) : undefined;
  const [low, high] = extremes(channel);
  const range = high - low;
  const factor = 1 / Math.max(range, LEAST);
  for (let i = 0; i < channel.length; i++) channel[i] = ((channel[i]! - low) * factor) ** gamma * range + low;
  if (before !== undefined) {
    const after = moments(channel);
    const ratio = before.deviation / Math.max(after.deviation, LEAST);
    rescale(channel, ratio, before.mean - after.mean * ratio);
  }
  if (invert) rescale(channel, -1, 0);
}
