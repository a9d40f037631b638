/** How values between voxels are computed. `cubic` is an interpolating B-spline of order 3. */
export type Interpolation = 'cubic' | 'linear' | 'nearest';

/** An axis of [D, H, W]. */
export type Axis = 0 | 1 | 2;

/** [D, H, W] in voxels. */
export type Shape = readonly [number, number, number];

/** The pole of the recursive filter that turns values into cubic B-spline coefficients (Unser 1999). */
const POLE = Math.sqrt(3) - 2;
/** Voxels by which a line is extended with its edge value before the filter: POLE ** 12 is 1e-7. */
const MARGIN = 12;
/** Lines that are processed together, so that strided memory is read in runs. */
const LINES = 64;

/** For each position on the new axis, the first sample it depends on and the weights of that and the next samples. */
interface Taps {
  readonly count: number;
  readonly first: Int32Array;
  readonly weights: Float64Array;
}

/** The position on an axis of `from` voxels of voxel `index` of `to` voxels over the same extent. */
function positionOf(index: number, from: number, to: number): number {
  return ((index + 0.5) * from) / to - 0.5;
}

function cubicWeights(t: number): [number, number, number, number] {
  const u = 1 - t;
  return [(u * u * u) / 6, 2 / 3 - t * t * (1 - t / 2), 2 / 3 - u * u * (1 - u / 2), (t * t * t) / 6];
}

function tapsOf(from: number, to: number, interpolation: Interpolation): Taps {
  const count = interpolation === 'cubic' ? 4 : interpolation === 'linear' ? 2 : 1;
  const taps = { count, first: new Int32Array(to), weights: new Float64Array(to * count) };
  for (let index = 0; index < to; index++) {
    const position = positionOf(index, from, to);
    if (interpolation === 'nearest') {
      // Half a voxel is rounded up, as scipy.ndimage does.
      taps.first[index] = Math.min(from - 1, Math.max(0, Math.floor(position + 0.5)));
      taps.weights[index] = 1;
      continue;
    }
    const below = Math.floor(position);
    const t = position - below;
    taps.first[index] = below - (interpolation === 'cubic' ? 1 : 0) + MARGIN;
    taps.weights.set(interpolation === 'cubic' ? cubicWeights(t) : [1 - t, t], index * count);
  }
  return taps;
}

/** Turns the values of `lines` interleaved lines of `length` samples into B-spline coefficients, in place. */
function toCoefficients(values: Float64Array, length: number, lines: number): void {
  // The lines are constant near both ends, where a filter that has always seen this value starts from value / (1 - POLE).
  for (let line = 0; line < lines; line++) values[line]! /= 1 - POLE;
  for (let at = lines; at < length * lines; at++) values[at]! += POLE * values[at - lines]!;
  const last = (length - 1) * lines;
  const scale = 6 * -POLE;
  for (let at = last; at < last + lines; at++) {
    values[at] = (scale * values[at]!) / (1 - POLE);
  }
  for (let at = last - 1; at >= 0; at--) values[at] = POLE * values[at + lines]! + scale * values[at]!;
}

/** Interleaves lines into `target` with their first and last values repeated `margin` times. */
function load(
  source: ArrayLike<number>,
  starts: Int32Array,
  lines: number,
  stride: number,
  length: number,
  margin: number,
  target: Float64Array,
): void {
  for (let k = 0; k < length + 2 * margin; k++) {
    const offset = Math.min(length - 1, Math.max(0, k - margin)) * stride;
    for (let line = 0; line < lines; line++) target[k * lines + line] = source[starts[line]! + offset]!;
  }
}

function write(
  values: Float64Array,
  { count, first, weights }: Taps,
  lines: number,
  target: Float32Array,
  starts: Int32Array,
  stride: number,
): void {
  for (let index = 0; index < first.length; index++) {
    const from = first[index]! * lines;
    for (let line = 0; line < lines; line++) {
      let sum = 0;
      for (let tap = 0; tap < count; tap++) sum += weights[index * count + tap]! * values[from + tap * lines + line]!;
      target[starts[line]! + index * stride] = sum;
    }
  }
}

/**
 * Resamples one axis of a volume to another number of voxels over the same extent: voxel `o` of `N` is read at
 * `(o + 0.5) * n / N - 0.5`, and edge values continue beyond the volume.
 * @param source [D, H, W]
 * @param axis 0 (D), 1 (H) or 2 (W)
 * @returns the volume with `to` voxels along the axis, not clipped to the range of the source
 */
export function resampleAxis(
  source: ArrayLike<number>,
  shape: Shape,
  axis: Axis,
  to: number,
  interpolation: Interpolation,
): Float32Array {
  const from = shape[axis];
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const target = new Float32Array(outer * to * inner);
  const taps = tapsOf(from, to, interpolation);
  const margin = interpolation === 'nearest' ? 0 : MARGIN;
  const values = new Float64Array((from + 2 * margin) * LINES);
  const [read, written] = [new Int32Array(LINES), new Int32Array(LINES)];
  for (let line = 0; line < outer * inner; line += LINES) {
    const lines = Math.min(LINES, outer * inner - line);
    for (let k = 0; k < lines; k++) {
      const block = Math.floor((line + k) / inner);
      const within = (line + k) % inner;
      read[k] = block * from * inner + within;
      written[k] = block * to * inner + within;
    }
    load(source, read, lines, inner, from, margin, values);
    if (interpolation === 'cubic') toCoefficients(values, from + 2 * margin, lines);
    write(values, taps, lines, target, written, inner);
  }
  return target;
}
