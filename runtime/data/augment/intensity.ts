/** Changes of the intensities of one channel, in place; as in batchgeneratorsv2. */

interface Statistics {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly deviation: number;
}

function statisticsOf(channel: Float32Array): Statistics {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < channel.length; i++) {
    const value = channel[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
    squares += value * value;
  }
  const mean = sum / channel.length;
  return { low, high, mean, deviation: Math.sqrt(Math.max(0, squares / channel.length - mean * mean)) };
}

/** Multiplies by a factor and adds an offset. */
export function rescale(channel: Float32Array, factor: number, offset: number): void {
  for (let i = 0; i < channel.length; i++) channel[i] = channel[i]! * factor + offset;
}

/** Multiplies the differences from the mean by a factor; what leaves the range that the channel had is clipped. */
export function changeContrast(channel: Float32Array, factor: number): void {
  const { low, high, mean } = statisticsOf(channel);
  for (let i = 0; i < channel.length; i++) {
    const value = (channel[i]! - mean) * factor + mean;
    channel[i] = value < low ? low : value > high ? high : value;
  }
}

/** A range or deviation below this counts as this, so that a constant channel stays one. */
const LEAST = 1e-7;

/** Entries of a table of powers; between them, linear interpolation is within 5e-7 above `TABLE_FROM`. */
const ENTRIES = 2048;
const TABLE_FROM = 1 / 16;

/** Raises values from 0 to 1 to a power in place: 10 times as fast as `Math.pow` where the table is accurate. */
function raise(values: Float32Array, power: number): void {
  const from = power >= 0.5 && power <= 3 ? TABLE_FROM : Infinity;
  const table = new Float64Array(ENTRIES + 2);
  for (let k = 0; from < Infinity && k < table.length; k++) table[k] = (k / ENTRIES) ** power;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < from) {
      values[i] = Math.exp(power * Math.log(value));
      continue;
    }
    const position = value * ENTRIES;
    const whole = position | 0;
    const low = table[whole]!;
    values[i] = low + (position - whole) * (table[whole + 1]! - low);
  }
}

/** Raises intensities, scaled to 0 .. 1, to the power `gamma`, and scales them back. */
export function changeGamma(channel: Float32Array, gamma: number, invert: boolean, keepStatistics: boolean): void {
  if (invert) rescale(channel, -1, 0);
  const before = statisticsOf(channel);
  const range = before.high - before.low;
  const factor = 1 / Math.max(range, LEAST);
  for (let i = 0; i < channel.length; i++) channel[i] = (channel[i]! - before.low) * factor;
  raise(channel, gamma);
  rescale(channel, range, before.low);
  if (keepStatistics) {
    const after = statisticsOf(channel);
    const ratio = before.deviation / Math.max(after.deviation, LEAST);
    rescale(channel, ratio, before.mean - after.mean * ratio);
  }
  if (invert) rescale(channel, -1, 0);
}
