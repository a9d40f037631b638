/** Helpers on channels-last tensors `[N, ...spatial, C]`, shared by the kernels' formulations. */
import * as tf from '@tensorflow/tfjs';
import { permute } from './permute.js';

/** `[before, after]` per spatial axis; a negative amount crops. */
export type Amounts = readonly (readonly [number, number])[];

export function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

/**
 * Pads the spatial axes with zeros (or `value`); negative amounts crop. Returns `x` itself if there is nothing to do.
 */
export function padSpatial(x: tf.Tensor, amounts: Amounts, value = 0): tf.Tensor {
  const cut = cutSpatial(
    x,
    amounts.map(([before, after]) => [Math.max(-before, 0), Math.max(-after, 0)]),
  );
  if (amounts.every(([before, after]) => before <= 0 && after <= 0)) return cut;
  const channels = x.shape.at(-1)!;
  // The channels are merged into the innermost axis: a lower rank, and contiguous copies.
  const outer = cut.shape.slice(0, -2);
  const inner = cut.shape.at(-2)!;
  const widths = amounts.map(([before, after]): [number, number] => [Math.max(before, 0), Math.max(after, 0)]);
  const last = widths.pop()!;
  const paddings: [number, number][] = [[0, 0], ...widths, [last[0] * channels, last[1] * channels]];
  const padded = tf.pad(cut.reshape([...outer, inner * channels]), paddings, value);
  return padded.reshape([...padded.shape.slice(0, -1), padded.shape.at(-1)! / channels, channels]);
}

/** Crops `[before, after]` from the spatial axes. Returns `x` itself if there is nothing to do. */
export function cutSpatial(x: tf.Tensor, amounts: Amounts): tf.Tensor {
  if (amounts.every(([before, after]) => before === 0 && after === 0)) return x;
  const channels = x.shape.at(-1)!;
  const joined = x.reshape([...x.shape.slice(0, -2), x.shape.at(-2)! * channels]);
  const last = amounts.length - 1;
  const unit = (axis: number): number => (axis === last ? channels : 1);
  const begin = [0, ...amounts.map(([before], axis) => before * unit(axis))];
  const size = joined.shape.map((extent, i) => {
    const amount = amounts[i - 1];
    return amount === undefined ? extent : extent - (amount[0] + amount[1]) * unit(i - 1);
  });
  const cut = tf.slice(joined, begin, size);
  return cut.reshape([...cut.shape.slice(0, -1), cut.shape.at(-1)! / channels, channels]);
}

/**
 * `[N, ...n, C]` to `[N, ...n / s, s0 * s1 * ... * C]`: each block of `stride` positions becomes channels, the first
 * axis slowest and C fastest. Sizes must be divisible.
 */
export function spaceToDepth(x: tf.Tensor, stride: readonly number[]): tf.Tensor {
  let result = x;
  for (let axis = stride.length - 1; axis >= 0; axis--) {
    const step = stride[axis]!;
    const shape = result.shape;
    const before = shape.slice(0, axis + 1);
    const size = shape[axis + 1]! / step;
    const after = shape.slice(axis + 2, -1);
    const channels = shape.at(-1)!;
    const split = result.reshape([product(before) * size, step, product(after), channels]);
    result = permute(split, [0, 2, 1, 3]).reshape([...before, size, ...after, step * channels]);
  }
  return result;
}

/** The inverse of `spaceToDepth`. */
export function depthToSpace(x: tf.Tensor, stride: readonly number[]): tf.Tensor {
  let result = x;
  for (const [axis, step] of stride.entries()) {
    const shape = result.shape;
    const before = shape.slice(0, axis + 1);
    const size = shape[axis + 1]!;
    const after = shape.slice(axis + 2, -1);
    const channels = shape.at(-1)! / step;
    const split = result.reshape([product(before) * size, product(after), step, channels]);
    result = permute(split, [0, 2, 1, 3]).reshape([...before, size * step, ...after, channels]);
  }
  return result;
}
