/** Simulation of a lower resolution: fewer samples, interpolated back to the same size. */
import { roundToEven } from './blur.js';

/** Takes `count` of the `length` samples of an axis: those at `floor((k + 1/2) length / count)`. */
function takeNearest(data: Float32Array, length: number, inner: number, count: number): Float32Array {
  const outer = data.length / (length * inner);
  const taken = new Float32Array(outer * count * inner);
  for (let block = 0; block < outer; block++) {
    for (let k = 0; k < count; k++) {
      const from = (block * length + Math.floor(((k + 0.5) * length) / count)) * inner;
      const to = (block * count + k) * inner;
      for (let i = 0; i < inner; i++) taken[to + i] = data[from + i]!;
    }
  }
  return taken;
}

/** Interpolates an axis of `count` samples linearly to `length`; the centres of the first and last ones lie inside. */
function expandLinearly(data: Float32Array, count: number, inner: number, length: number): Float32Array {
  const outer = data.length / (count * inner);
  const expanded = new Float32Array(outer * length * inner);
  for (let block = 0; block < outer; block++) {
    for (let k = 0; k < length; k++) {
      const position = Math.min(count - 1, Math.max(0, ((k + 0.5) * count) / length - 0.5));
      const whole = Math.floor(position);
      const part = position - whole;
      const low = (block * count + whole) * inner;
      const high = whole + 1 < count ? low + inner : low;
      const to = (block * length + k) * inner;
      for (let i = 0; i < inner; i++) expanded[to + i] = data[low + i]! + part * (data[high + i]! - data[low + i]!);
    }
  }
  return expanded;
}

/**
 * Lowers the resolution of a channel in place, as batchgeneratorsv2 does: nearest down, linear up. (batchgenerators
 * interpolates up by cubic splines.) An axis keeps `size * factor` samples, rounded (a half to the even number), at least
 * one.
 * @param factors one per axis; 1 leaves an axis as it is
 */
export function lowerResolution(channel: Float32Array, size: readonly number[], factors: readonly number[]): void {
  const counts = size.map((length, axis) => Math.max(1, roundToEven(length * factors[axis]!)));
  const changed = [...size.keys()].filter((axis) => counts[axis] !== size[axis]);
  const low = [...size];
  const inner = (axis: number): number => low.slice(axis + 1).reduce((product, each) => product * each, 1);
  let data = channel;
  for (const axis of changed) {
    data = takeNearest(data, size[axis]!, inner(axis), counts[axis]!);
    low[axis] = counts[axis]!;
  }
  // Innermost first: the arrays stay small longest.
  for (const axis of changed.reverse()) {
    data = expandLinearly(data, counts[axis]!, inner(axis), size[axis]!);
    low[axis] = size[axis]!;
  }
  if (data !== channel) channel.set(data);
}
