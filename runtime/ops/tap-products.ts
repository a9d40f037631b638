import * as tf from '@tensorflow/tfjs';
import { asRightOperand, multiply } from './multiply.js';
import { permute } from './permute.js';
import { padSpatial, product } from './spatial.js';
import { canUseViews, multiplyView } from './wasm-view.js';

/**
 * Filter gradient of a stride-1 convolution: for each tap t, sum over positions p of x[p + t * spacing] dy[p]^T.
 * `x` `[N, D + (k - 1) * spacing, ..., Ci]`, `dy` `[N, D, ..., Co]`; result `[kd, kh, kw, Ci, Co]`.
 *
 * With x as `[Ci, positions]` each tap is a matrix product with dy, whose packed form the backend keeps between taps.
 */
export function tapProducts(
  x: tf.Tensor,
  dy: tf.Tensor,
  taps: readonly number[],
  spacing: readonly number[],
): tf.Tensor {
  const inputs = x.shape[4]!;
  const outputs = dy.shape[4]!;
  if (product(taps) === 1) return oneProduct(x, dy).reshape([...taps, inputs, outputs]);
  const rows = permute(x, [4, 0, 1, 2, 3]);
  const waste = product(x.shape.slice(1, 4)) / product(dy.shape.slice(1, 4));
  // Copying a tap's positions costs about as much as 60 multiply-adds for each (wasm).
  const copyIsCheap = waste > 1 + 60 / outputs;
  const products =
    canUseViews() && !copyIsCheap ? productsByShift(rows, dy, taps, spacing) : productsByCopy(rows, dy, taps, spacing);
  return tf.stack(products).reshape([...taps, inputs, outputs]);
}

/** x^T dy for a kernel of one tap; transposes the operand with fewer channels. */
function oneProduct(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const left = x.reshape([-1, x.shape[4]!]);
  const right = dy.reshape([-1, dy.shape[4]!]);
  if (x.shape[4]! <= dy.shape[4]!) return multiply(permute(left, [1, 0]), right);
  return permute(multiply(permute(right, [1, 0]), left), [1, 0]);
}

/** Offsets of all taps, the last axis fastest. */
export function eachTap(taps: readonly number[], spacing: readonly number[]): [number, number, number][] {
  const positions: [number, number, number][] = [];
  for (let d = 0; d < taps[0]!; d++)
    for (let h = 0; h < taps[1]!; h++)
      for (let w = 0; w < taps[2]!; w++) positions.push([d * spacing[0]!, h * spacing[1]!, w * spacing[2]!]);
  return positions;
}

/** `rows` `[Ci, N, D, H, W]`. */
function productsByCopy(
  rows: tf.Tensor,
  dy: tf.Tensor,
  taps: readonly number[],
  spacing: readonly number[],
): tf.Tensor[] {
  const inputs = rows.shape[0];
  const sizes = dy.shape.slice(1, 4);
  const right = dy.reshape([-1, dy.shape[4]!]);
  const images = rows.reshape([inputs * rows.shape[1]!, ...rows.shape.slice(2)]);
  return eachTap(taps, spacing).map((begin) =>
    tf.tidy(() => multiply(tf.slice(images, [0, ...begin], [-1, ...sizes]).reshape([inputs, -1]), right)),
  );
}

/**
 * On the padded grid a tap is a constant offset into the rows, so nothing is copied: dy is zero where a shifted row
 * runs into the padding or into the next row, and a margin of zeros follows the last row.
 */
function productsByShift(
  rows: tf.Tensor,
  dy: tf.Tensor,
  taps: readonly number[],
  spacing: readonly number[],
): tf.Tensor[] {
  const [inputs, , depth, height, width] = rows.shape as [number, number, number, number, number];
  const wide = padSpatial(
    dy,
    [depth, height, width].map((size, i) => [0, size - dy.shape[i + 1]!]),
  );
  const right = asRightOperand(wide.reshape([-1, dy.shape[4]!]));
  const offset = ([d, h, w]: readonly [number, number, number]): number => (d * height + h) * width + w;
  const shifts = eachTap(taps, spacing).map(offset);
  const flat = tf.pad(rows.reshape([-1]), [[0, Math.max(...shifts)]]);
  return shifts.map((shift) => multiplyView(flat, shift, inputs, right));
}
