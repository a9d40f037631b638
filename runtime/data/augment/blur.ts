/** Gaussian blur, one axis after the other. */

/**
 * The taps of batchgeneratorsv2 on one side: the centre first. Their number in total is the odd number next to
 * 6 sigma + 0.5.
 */
function halfKernel(sigma: number): Float64Array {
  const taps = 6 * sigma + 0.5;
  const rounded = roundToEven(taps);
  const odd = rounded % 2 === 1 ? rounded : taps >= rounded ? rounded + 1 : rounded - 1;
  const radius = Math.max(0, (odd - 1) / 2);
  const kernel = Float64Array.from({ length: radius + 1 }, (_, k) => Math.exp(-0.5 * (k / sigma) ** 2));
  const sum = kernel.reduce((total, each, k) => total + (k === 0 ? each : 2 * each), 0);
  return kernel.map((each) => each / sum);
}

/** Rounds to the nearest whole number, a half to the even one, as Python does. */
export function roundToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The index on the other side of the edge, which is not repeated: -1 is 1. */
function reflect(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = Math.abs(index) % period;
  return inside < length ? inside : period - inside;
}

/** Blurs one line after the other; `inner` neighbouring lines together. */
function blurAxis(data: Float32Array, length: number, inner: number, sigma: number): void {
  const kernel = halfKernel(sigma);
  const radius = kernel.length - 1;
  if (radius === 0 || length === 1) return;
  const block = length * inner;
  // A block with its reflections in front of and behind it.
  const padded = new Float32Array((length + 2 * radius) * inner);
  for (let start = 0; start < data.length; start += block) {
    for (let k = -radius; k < length + radius; k++) {
      if (k === 0) {
        padded.set(data.subarray(start, start + block), radius * inner);
        k = length - 1;
        continue;
      }
      const from = start + reflect(k, length) * inner;
      padded.set(data.subarray(from, from + inner), (k + radius) * inner);
    }
    blurBlock(padded, kernel, inner, data, start, block);
  }
}

/** Adds up `kernel` around each value of a padded block; the usual numbers of taps without a loop. */
function blurBlock(
  padded: Float32Array,
  kernel: Float64Array,
  inner: number,
  data: Float32Array,
  start: number,
  block: number,
): void {
  const radius = kernel.length - 1;
  const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = kernel;
  const centre = radius * inner;
  const [one, two, three] = [inner, 2 * inner, 3 * inner];
  for (let i = 0; i < block; i++) {
    const at = centre + i;
    let sum = k0 * padded[at]! + k1 * (padded[at - one]! + padded[at + one]!);
    if (radius > 1) sum += k2 * (padded[at - two]! + padded[at + two]!);
    if (radius > 2) sum += k3 * (padded[at - three]! + padded[at + three]!);
    for (let tap = 4; tap <= radius; tap++)
      sum += kernel[tap]! * (padded[at - tap * inner]! + padded[at + tap * inner]!);
    data[start + i] = sum;
  }
}

/**
 * Blurs a channel in place, as batchgeneratorsv2 does: about 6 sigma taps, and a reflection that does not repeat the
 * edge. (SciPy and batchgenerators use int(4 sigma + 0.5) taps on each side and repeat it.)
 * @param sigmas in voxels, one per axis; 0 leaves an axis as it is
 */
export function blur(channel: Float32Array, size: readonly number[], sigmas: readonly number[]): void {
  size.forEach((length, axis) => {
    const inner = size.slice(axis + 1).reduce((product, each) => product * each, 1);
    if (sigmas[axis]! > 0) blurAxis(channel, length, inner, sigmas[axis]!);
  });
}
