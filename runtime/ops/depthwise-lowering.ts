/**
 * Depthwise convolution and its gradients on channels-last tensors. Forward and input gradient: one 2-D depthwise
 * convolution per depth tap. Filter gradient: loops, or tap by tap on backends with memory of their own.
 */
import * as tf from '@tensorflow/tfjs';
import { columnSums } from './column-sums.js';
import { lift, lift3, liftGeometry, sumOverDepthTaps, unlift, type Geometry } from './conv-parts.js';
import { depthwiseFilterLoops } from './depthwise-loops.js';
import { permute } from './permute.js';
import { depthToSpace, padSpatial, product } from './spatial.js';
import { eachTap } from './tap-products.js';
import { computeTyped } from './typed.js';
import { canUseViews, scaleView } from './wasm-view.js';

export type DepthwiseGeometry = Geometry;

/** `x` `[N, ...n, C]`, `w` `[C, 1, ...k]`. */
export function depthwiseForward(x: tf.Tensor, w: tf.Tensor, geometry: Geometry): tf.Tensor {
  return unlift(depthwiseOne(lift(x), filterOf(w), liftGeometry(geometry)), x.rank);
}

/** Gradient of the forward operation with regard to an `x` of spatial `sizes`. */
export function depthwiseInputGradient(
  dy: tf.Tensor,
  w: tf.Tensor,
  sizes: readonly number[],
  geometry: Geometry,
): tf.Tensor {
  const { stride, dilation, pad } = liftGeometry(geometry);
  const wide = spreadPositions(lift(dy), stride);
  const filter = filterOf(w);
  const around = lift3(sizes, 1).map((size, i): [number, number] => {
    const reach = (filter.shape[i]! - 1) * dilation[i]!;
    const before = reach - pad[i]![0];
    return [before, size - wide.shape[i + 1]! + reach - before];
  });
  const dx = depthwiseOne(wide, tf.reverse(filter, [0, 1, 2]), { stride: [1, 1, 1], dilation, pad: around });
  return unlift(dx, dy.rank);
}

/** Gradient of the forward operation with regard to its weight, `[C, 1, ...kernel]`. */
export function depthwiseFilterGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  kernel: readonly number[],
  geometry: Geometry,
): tf.Tensor {
  const taps = lift3(kernel, 1);
  const lifted = liftGeometry(geometry);
  const gradient =
    tf.getBackend() === 'cpu'
      ? filterByLoops(lift(x), lift(dy), taps, lifted)
      : filterByTaps(lift(x), lift(dy), taps, lifted);
  return gradient.reshape([x.shape.at(-1)!, 1, ...kernel]);
}

/** `[C, 1, ...k]` to `[kd, kh, kw, C, 1]`. */
function filterOf(w: tf.Tensor): tf.Tensor {
  const channels = w.shape[0];
  const taps = lift3(w.shape.slice(2), 1);
  return permute(w.reshape([channels, product(taps)]), [1, 0]).reshape([...taps, channels, 1]);
}

function depthwiseOne(x: tf.Tensor, filter: tf.Tensor, geometry: Geometry): tf.Tensor {
  return sumOverDepthTaps(x, filter, geometry, (images, taps, { stride, dilation, pad }) =>
    tf.depthwiseConv2d(
      images as tf.Tensor4D,
      taps as tf.Tensor4D,
      stride as [number, number],
      [[0, 0], [...pad[0]!], [...pad[1]!], [0, 0]],
      'NHWC',
      dilation as [number, number],
    ),
  );
}

/** Moves position p of each axis to p * stride, with zeros between. */
function spreadPositions(dy: tf.Tensor, stride: readonly number[]): tf.Tensor {
  const blocks = product(stride);
  if (blocks === 1) return dy;
  const channels = dy.shape[4]!;
  const rows = tf.pad(dy.reshape([-1, channels]), [
    [0, 0],
    [0, (blocks - 1) * channels],
  ]);
  return depthToSpace(rows.reshape([...dy.shape.slice(0, 4), blocks * channels]), stride);
}

function filterByLoops(x: tf.Tensor, dy: tf.Tensor, taps: readonly number[], geometry: Geometry): tf.Tensor {
  const channels = x.shape[4]!;
  return computeTyped([x, dy], [channels, product(taps)], (dw, values, above) =>
    depthwiseFilterLoops(dw, values, above, x.shape, dy.shape, taps, geometry),
  );
}

/**
 * Tap by tap from stock operations, `[C, taps]`. On the padded grid of x a tap is a constant offset in memory, so
 * nothing is copied on wasm: dy is zero where the offset runs over.
 */
export function filterByTaps(x: tf.Tensor, dy: tf.Tensor, taps: readonly number[], geometry: Geometry): tf.Tensor {
  const { stride, dilation, pad } = geometry;
  const channels = x.shape[4]!;
  const wide = spreadPositions(dy, stride);
  const reach = taps.map((count, i) => (count - 1) * dilation[i]!);
  const around = reach.map((each, i): [number, number] => {
    return [pad[i]![0], wide.shape[i + 1]! + each - x.shape[i + 1]! - pad[i]![0]];
  });
  const padded = padSpatial(x, around);
  const positions = eachTap(taps, dilation);
  const sums = canUseViews()
    ? sumsOfViews(
        padded,
        padSpatial(
          wide,
          reach.map((each) => [0, each]),
        ),
        positions,
      )
    : positions.map((begin) =>
        tf.tidy(() => columnSums(tf.mul(tf.slice(padded, [0, ...begin, 0], wide.shape), wide).reshape([-1, channels]))),
      );
  return tf.stack(sums, 1);
}

/** `x` and `dy` of the same shape. */
function sumsOfViews(x: tf.Tensor, dy: tf.Tensor, positions: readonly (readonly number[])[]): tf.Tensor[] {
  const [, , height, width, channels] = x.shape as [number, number, number, number, number];
  const shifts = positions.map(([d, h, w]) => ((d! * height + h!) * width + w!) * channels);
  const flat = tf.pad(x.reshape([-1]), [[0, Math.max(...shifts)]]);
  const rows = dy.reshape([-1, channels]);
  return shifts.map((shift) => tf.tidy(() => columnSums(scaleView(flat, shift, rows))));
}
