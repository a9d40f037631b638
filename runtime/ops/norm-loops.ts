/**
 * Normalisation as loops over a channels-last array. Values that share a mean and a variance form a set: for group
 * norm, the positions of a case and the channels of a group; for layer norm, the channels of one position.
 */

/** The layout of the sets in `[N, positions, channels]`: `positions` in a row times `channels` side by side. */
export interface Sets {
  readonly total: number;
  readonly channels: number;
  /** The number of positions that share statistics: all of a case, or 1. */
  readonly positions: number;
  /** The number of channels that share statistics. */
  readonly width: number;
}

/** Mean and 1 / sqrt(variance + epsilon) of each set, in memory order of their first elements. */
function statistics(x: Float32Array, sets: Sets, epsilon: number): { mean: Float64Array; scale: Float64Array } {
  const { total, channels, positions, width } = sets;
  const count = total / (positions * width);
  const mean = new Float64Array(count);
  const scale = new Float64Array(count);
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const perRow = channels / width;
  const rowLength = positions * channels;
  for (let start = 0, set = 0; start < total; start += rowLength, set += perRow) {
    // A value in the set is used as the origin, so that differences lose no precision if the mean is large.
    sums.fill(0);
    squares.fill(0);
    for (let i = start; i < start + rowLength; i += channels) {
      for (let c = 0; c < channels; c++) {
        const value = x[i + c]! - x[start]!;
        sums[c]! += value;
        squares[c]! += value * value;
      }
    }
    for (let g = 0; g < perRow; g++) {
      let sum = 0;
      let square = 0;
      for (let c = g * width; c < (g + 1) * width; c++) {
        sum += sums[c]!;
        square += squares[c]!;
      }
      const average = sum / (positions * width);
      mean[set + g] = average + x[start]!;
      scale[set + g] = 1 / Math.sqrt(Math.max(square / (positions * width) - average * average, 0) + epsilon);
    }
  }
  return { mean, scale };
}

/** The mean of each channel over all cases and positions, then its unbiased variance: `[2, channels]`. */
export function columnMoments(moments: Float32Array, x: Float32Array): void {
  const channels = moments.length / 2;
  const positions = x.length / channels;
  const { mean, scale } = statistics(x, { total: x.length, channels, positions, width: 1 }, 0);
  moments.set(mean);
  moments.set(
    scale.map((inverse) => positions / (positions - 1) / inverse ** 2),
    channels,
  );
}

/** (x - mean) * scale * gamma + beta. */
export function normalize(
  y: Float32Array,
  x: Float32Array,
  gamma: Float32Array,
  beta: Float32Array,
  sets: Sets,
  epsilon: number,
): void {
  const { mean, scale } = statistics(x, sets, epsilon);
  const { total, channels, positions, width } = sets;
  const factor = new Float64Array(channels);
  const offset = new Float64Array(channels);
  const perRow = channels / width;
  const rowLength = positions * channels;
  for (let start = 0, set = 0; start < total; start += rowLength, set += perRow) {
    for (let c = 0; c < channels; c++) {
      const g = set + Math.floor(c / width);
      factor[c] = scale[g]! * gamma[c]!;
      offset[c] = beta[c]! - mean[g]! * factor[c]!;
    }
    for (let i = start; i < start + rowLength; i += channels) {
      for (let c = 0; c < channels; c++) y[i + c] = x[i + c]! * factor[c]! + offset[c]!;
    }
  }
}

/**
 * With z = (x - mean) * scale: dx = scale * (gamma dy - mean(gamma dy) - z * mean(gamma dy * z)), the means over the set.
 */
export function normalizeInputGradient(
  dx: Float32Array,
  dy: Float32Array,
  x: Float32Array,
  gamma: Float32Array,
  sets: Sets,
  epsilon: number,
): void {
  const { mean, scale } = statistics(x, sets, epsilon);
  const { total, channels, positions, width } = sets;
  const sums = new Float64Array(channels);
  const products = new Float64Array(channels);
  const factor = new Float64Array(channels);
  const slope = new Float64Array(channels);
  const offset = new Float64Array(channels);
  const perRow = channels / width;
  const rowLength = positions * channels;
  const size = positions * width;
  for (let start = 0, set = 0; start < total; start += rowLength, set += perRow) {
    sums.fill(0);
    products.fill(0);
    for (let c = 0; c < channels; c++) offset[c] = mean[set + Math.floor(c / width)]!;
    for (let i = start; i < start + rowLength; i += channels) {
      for (let c = 0; c < channels; c++) {
        const d = dy[i + c]!;
        sums[c]! += d;
        products[c]! += d * (x[i + c]! - offset[c]!);
      }
    }
    for (let g = 0; g < perRow; g++) {
      const s = scale[set + g]!;
      let sum = 0;
      let product = 0;
      for (let c = g * width; c < (g + 1) * width; c++) {
        sum += sums[c]! * gamma[c]!;
        product += products[c]! * gamma[c]!;
      }
      for (let c = g * width; c < (g + 1) * width; c++) {
        factor[c] = s * gamma[c]!;
        slope[c] = -(s * s * s * product) / size;
        offset[c] = -(s * sum) / size - slope[c]! * mean[set + g]!;
      }
    }
    for (let i = start; i < start + rowLength; i += channels) {
      for (let c = 0; c < channels; c++) dx[i + c] = dy[i + c]! * factor[c]! + x[i + c]! * slope[c]! + offset[c]!;
    }
  }
}

/** d gamma[c] = sum dy * z over cases and positions. */
export function normalizeScaleGradient(
  dgamma: Float32Array,
  dy: Float32Array,
  x: Float32Array,
  sets: Sets,
  epsilon: number,
): void {
  const { mean, scale } = statistics(x, sets, epsilon);
  const { total, channels, positions, width } = sets;
  const totals = new Float64Array(channels);
  const sums = new Float64Array(channels);
  const origin = new Float64Array(channels);
  const perRow = channels / width;
  const rowLength = positions * channels;
  for (let start = 0, set = 0; start < total; start += rowLength, set += perRow) {
    sums.fill(0);
    for (let c = 0; c < channels; c++) origin[c] = mean[set + Math.floor(c / width)]!;
    for (let i = start; i < start + rowLength; i += channels) {
      for (let c = 0; c < channels; c++) sums[c]! += dy[i + c]! * (x[i + c]! - origin[c]!);
    }
    for (let c = 0; c < channels; c++) totals[c]! += sums[c]! * scale[set + Math.floor(c / width)]!;
  }
  dgamma.set(totals);
}
