/** Shared parts of dense and depthwise convolutions: lifting to three spatial axes, and the sum over depth taps. */
import * as tf from '@tensorflow/tfjs';
import { padSpatial, product, type Amounts } from './spatial.js';

/** Per spatial axis. */
export interface Geometry {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pad: Amounts;
}

/** Extends a list to three entries, with `filler` for missing axes. */
export function lift3<T>(list: readonly T[], filler: T): T[] {
  return [...Array<T>(3 - list.length).fill(filler), ...list];
}

/** The geometry over three axes. */
export function liftGeometry({ stride, dilation, pad }: Geometry): Geometry {
  return { stride: lift3(stride, 1), dilation: lift3(dilation, 1), pad: lift3<Amounts[number]>(pad, [0, 0]) };
}

/** `[N, D, H, W, C]`. */
export function lift(x: tf.Tensor): tf.Tensor {
  return x.reshape([x.shape[0], ...lift3(x.shape.slice(1, -1), 1), x.shape.at(-1)!]);
}

/** Reduces the result to `rank` axes again. */
export function unlift(x: tf.Tensor, rank: number): tf.Tensor {
  return x.reshape([x.shape[0], ...x.shape.slice(6 - rank)]);
}

/** `[out, in, kd, kh, kw]`. */
export function liftWeight(w: tf.Tensor): tf.Tensor {
  return w.reshape([...w.shape.slice(0, 2), ...lift3(w.shape.slice(2), 1)]);
}

/** A 2-D operation over `[N * D, H, W, C]` for one depth tap's filter `[kh, kw, ...]`; `first` for the first tap. */
export type PlaneOperation = (
  images: tf.Tensor,
  filter: tf.Tensor,
  geometry: { readonly stride: readonly number[]; readonly dilation: readonly number[]; readonly pad: Amounts },
  first: boolean,
) => tf.Tensor;

/** The 3-D operation as a sum of 2-D ones over the depth taps of `filter` `[kd, kh, kw, ...]`. */
export function sumOverDepthTaps(x: tf.Tensor, given: tf.Tensor, geometry: Geometry, plane: PlaneOperation): tf.Tensor {
  const { stride, dilation: givenDilation, pad } = geometry;
  // tfjs's 2-D convolutions take a stride or a dilation, not both.
  const both = [1, 2].some((i) => stride[i]! > 1) && [1, 2].some((i) => givenDilation[i]! > 1);
  const filter = both ? spreadTaps(given, [1, givenDilation[1]!, givenDilation[2]!]) : given;
  const dilation = both ? [givenDilation[0]!, 1, 1] : givenDilation;
  const beforehand = pad.map(([before, after], i): [number, number] =>
    i === 0 ? [before, after] : [Math.min(before, 0), Math.min(after, 0)],
  );
  const deep = padSpatial(x, beforehand);
  const depth = Math.floor((deep.shape[1]! - dilation[0]! * (filter.shape[0] - 1) - 1) / stride[0]!) + 1;
  const slices = depthSlices(deep, filter.shape[0], stride[0]!, dilation[0]!, depth);
  const inPlane = {
    stride: stride.slice(1),
    dilation: dilation.slice(1),
    pad: pad.slice(1).map(([before, after]): [number, number] => [Math.max(before, 0), Math.max(after, 0)]),
  };
  const filters = tf.unstack(filter, 0);
  let sum: tf.Tensor | undefined;
  for (const [tap, slice] of slices.entries()) {
    const before = sum;
    // Freed at each step: the terms are as large as the result.
    sum = tf.tidy(() => {
      const images = slice().reshape([-1, ...deep.shape.slice(2)]);
      const term = plane(images, filters[tap]!, inPlane, tap === 0);
      return before === undefined ? term : tf.add(before, term);
    });
    before?.dispose();
  }
  return sum!.reshape([x.shape[0], depth, ...sum!.shape.slice(1)]);
}

/** For each depth tap t, the planes t * dilation + stride * [0, depth) of `x`. */
function depthSlices(x: tf.Tensor, taps: number, stride: number, dilation: number, depth: number): (() => tf.Tensor)[] {
  const [n, , height, width, channels] = x.shape as [number, number, number, number, number];
  const plane = height * width * channels;
  const whole = padSpatial(x, [
    [0, (stride - (x.shape[1]! % stride)) % stride],
    [0, 0],
    [0, 0],
  ]);
  const phases = whole.reshape([n, whole.shape[1]! / stride, stride * plane]);
  return Array.from({ length: taps }, (_, tap) => () => {
    const position = tap * dilation;
    if (depth === x.shape[1]) return x;
    const begin = [0, Math.floor(position / stride), (position % stride) * plane];
    return tf.slice(phases, begin, [n, depth, plane]).reshape([n, depth, height, width, channels]);
  });
}

/** A dilated filter with explicit zeros. */
export function spreadTaps(filter: tf.Tensor, dilation: readonly number[]): tf.Tensor {
  let result = filter;
  for (const [axis, step] of dilation.entries()) {
    if (step === 1 || result.shape[axis] === 1) continue;
    const shape = result.shape;
    const before = product(shape.slice(0, axis));
    const rows = result.reshape([before, shape[axis]!, product(shape.slice(axis + 1))]);
    const spread = tf
      .pad(rows, [
        [0, 0],
        [0, 0],
        [0, (step - 1) * rows.shape[2]!],
      ])
      .reshape([before, -1]);
    const size = (shape[axis]! - 1) * step + 1;
    const kept = tf.slice(spread, [0, 0], [before, size * rows.shape[2]!]);
    result = kept.reshape([...shape.slice(0, axis), size, ...shape.slice(axis + 1)]);
  }
  return result;
}
