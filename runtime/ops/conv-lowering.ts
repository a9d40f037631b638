/**
 * Convolution and its gradients out of 2-D convolutions and matrix products, for backends whose 3-D convolution is
 * slow or missing (wasm: 0.4 GFLOP/s against 25 here, see bench/runtime-conv.ts). Tensors are channels-last; fewer
 * than three spatial axes are lifted to three with size 1.
 *
 * - Forward: one 2-D convolution over `[N * D, H, W, C]` for each depth tap, added up.
 * - Input gradient at stride 1: the forward convolution of dy with the flipped, transposed filter. At stride s: a
 *   stride-1 convolution that gives all s^3 phases of the result as channels, then depth to space. Where the kernel
 *   equals the stride this is one matrix product.
 * - Filter gradient: a product `x^T dy` for each tap. At stride s: the same on the space-to-depth form of x.
 */
import * as tf from '@tensorflow/tfjs';
import { permute } from './permute.js';
import { cutSpatial, depthToSpace, padSpatial, product, spaceToDepth, type Amounts } from './spatial.js';
import {
  lift,
  lift3,
  liftGeometry,
  liftWeight,
  spreadTaps,
  sumOverDepthTaps,
  unlift,
  type Geometry,
} from './conv-parts.js';
import { hasNativeConv, nativeFilterGradient, nativeForward, nativeInputGradient } from './conv-native.js';
import { tapProducts } from './tap-products.js';

interface GroupedGeometry extends Geometry {
  readonly groups: number;
}

/** `x` `[N, ...n, Ci]`, `w` `[Co, Ci / groups, ...k]`. */
export function convForward(
  x: tf.Tensor,
  w: tf.Tensor,
  bias: tf.Tensor | undefined,
  { groups, ...geometry }: GroupedGeometry,
): tf.Tensor {
  const lifted = liftGeometry(geometry);
  const weights = splitFirst(liftWeight(w), groups);
  const biases = bias === undefined ? [] : splitFirst(bias, groups);
  const parts = splitChannels(lift(x), groups).map((part, group) =>
    convOne(part, tapsInOut(weights[group]!), biases[group], lifted),
  );
  return unlift(join(parts), x.rank);
}

/** Gradient of the forward convolution with regard to an `x` of spatial `sizes`. */
export function convInputGradient(
  dy: tf.Tensor,
  w: tf.Tensor,
  sizes: readonly number[],
  { groups, ...geometry }: GroupedGeometry,
): tf.Tensor {
  const lifted = liftGeometry(geometry);
  const weights = splitFirst(liftWeight(w), groups);
  const parts = splitChannels(lift(dy), groups).map((part, group) =>
    inputGradientOne(part, tapsInOut(weights[group]!), lift3(sizes, 1), lifted),
  );
  return unlift(join(parts), dy.rank);
}

/** Gradient of the forward convolution with regard to its weight, `[Co, Ci / groups, ...kernel]`. */
export function convFilterGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  kernel: readonly number[],
  { groups, ...geometry }: GroupedGeometry,
): tf.Tensor {
  const lifted = liftGeometry(geometry);
  const outputs = splitChannels(lift(dy), groups);
  const parts = splitChannels(lift(x), groups).map((part, group) =>
    filterGradientOne(part, outputs[group]!, lift3(kernel, 1), lifted),
  );
  const outIn = parts.map((taps) => permute(taps, [4, 3, 0, 1, 2]));
  const joined = groups === 1 ? outIn[0]! : tf.concat(outIn, 0);
  return joined.reshape([...joined.shape.slice(0, 2), ...kernel]);
}

/** Copies of all parts; no copy if there is only one. */
function splitFirst(x: tf.Tensor, groups: number): tf.Tensor[] {
  return groups === 1 ? [x] : tf.split(x, groups, 0);
}

/** Cuts and joins tensors as matrices, which is fast everywhere; at rank 5 it takes a thousand times longer on wasm. */
function splitChannels(x: tf.Tensor, groups: number): tf.Tensor[] {
  if (groups === 1) return [x];
  const channels = x.shape.at(-1)!;
  const shape = [...x.shape.slice(0, -1), channels / groups];
  return tf.split(x.reshape([-1, channels]), groups, 1).map((part) => part.reshape(shape));
}

function join(parts: readonly tf.Tensor[]): tf.Tensor {
  const [first] = parts as [tf.Tensor];
  if (parts.length === 1) return first;
  const rows = parts.map((part) => part.reshape([-1, part.shape.at(-1)!]));
  return tf.concat(rows, 1).reshape([...first.shape.slice(0, -1), -1]);
}

/** `[Co, Ci, kd, kh, kw]` to `[kd, kh, kw, Ci, Co]`, the order of all filters below. */
function tapsInOut(w: tf.Tensor): tf.Tensor {
  return permute(w, [2, 3, 4, 1, 0]);
}

function convOne(x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor | undefined, geometry: Geometry): tf.Tensor {
  if (hasNativeConv(geometry)) return nativeForward(x, filter, bias, geometry);
  const kernel = filter.shape.slice(0, 3);
  const { stride, dilation } = geometry;
  const patches = kernel.every((size, i) => size === stride[i] && (dilation[i] === 1 || size === 1));
  if (patches) return convPatches(x, filter, bias, geometry);
  return sumOverDepthTaps(x, filter, geometry, (images, taps, plane, first) =>
    conv2d(images, taps, first ? bias : undefined, plane.stride, plane.dilation, plane.pad),
  );
}

/** Kernel equal to stride (including 1): windows do not overlap, so the convolution is a product over blocks. */
function convPatches(x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor | undefined, geometry: Geometry): tf.Tensor {
  const { stride, pad } = geometry;
  const whole = pad.map(([before, after], i): [number, number] => {
    const size = x.shape[i + 1]! + before + after;
    return [before, after - (size % stride[i]!)];
  });
  const blocks = spaceToDepth(padSpatial(x, whole), stride);
  return times(blocks, filter.reshape([-1, filter.shape[4]!]), bias);
}

/** `[..., I] * [I, O] (+ bias)`, as a 1x1 convolution, which includes the bias. */
function times(x: tf.Tensor, matrix: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  const [inner, outer] = matrix.shape as [number, number];
  const rows = x.reshape([1, product(x.shape.slice(0, -1)), 1, inner]);
  return conv2d(rows, matrix.reshape([1, 1, inner, outer]), bias, [1, 1], [1, 1], noPad2).reshape([
    ...x.shape.slice(0, -1),
    outer,
  ]);
}

const noPad2: Amounts = [
  [0, 0],
  [0, 0],
];

function conv2d(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | undefined,
  stride: readonly number[],
  dilation: readonly number[],
  pad: Amounts,
): tf.Tensor {
  const [[top, bottom], [left, right]] = pad as [Amounts[number], Amounts[number]];
  return tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: filter as tf.Tensor4D,
    strides: stride as [number, number],
    dilations: dilation as [number, number],
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    ...(bias === undefined ? {} : { bias }),
  });
}

/** Taps in the space-to-depth form of x: floor((k - 1) * dilation / stride) + 1 blocks on each axis. */
function blockTaps(kernel: readonly number[], { stride, dilation }: Geometry): number[] {
  return kernel.map((size, i) => Math.floor(((size - 1) * dilation[i]!) / stride[i]!) + 1);
}

function inputGradientOne(dy: tf.Tensor, filter: tf.Tensor, sizes: readonly number[], geometry: Geometry): tf.Tensor {
  if (hasNativeConv(geometry)) return nativeInputGradient(dy, filter, sizes, geometry);
  const { stride, dilation, pad } = geometry;
  const kernel = filter.shape.slice(0, 3);
  if (stride.every((step) => step === 1)) {
    const flipped = permute(tf.reverse(filter, [0, 1, 2]), [0, 1, 2, 4, 3]);
    const around = kernel.map((size, i): [number, number] => {
      const reach = (size - 1) * dilation[i]!;
      const before = reach - pad[i]![0];
      return [before, sizes[i]! - dy.shape[i + 1]! + reach - before];
    });
    return convOne(dy, flipped, undefined, { stride, dilation, pad: around });
  }
  const blocks = blockTaps(kernel, geometry);
  const counts = sizes.map((size, i) => Math.ceil((size + pad[i]![0]) / stride[i]!));
  const around = blocks.map((taps, i): [number, number] => [taps - 1, counts[i]! - dy.shape[i + 1]!]);
  const phases = convOne(dy, phaseFilter(filter, blocks, geometry), undefined, {
    stride: [1, 1, 1],
    dilation: [1, 1, 1],
    pad: around,
  });
  const space = depthToSpace(phases, stride);
  return cutSpatial(
    space,
    sizes.map((size, i) => [pad[i]![0], counts[i]! * stride[i]! - pad[i]![0] - size]),
  );
}

/**
 * `[q, q, q, Co, s * s * s * Ci]`, flipped: tap at position stride * q + phase of the filter, zero if there is no such
 * tap.
 */
function phaseFilter(filter: tf.Tensor, blocks: readonly number[], { stride, dilation }: Geometry): tf.Tensor {
  const spread = spreadTaps(filter, dilation);
  const [inputs, outputs] = filter.shape.slice(3) as [number, number];
  const whole = tf.pad(spread, [
    ...blocks.map((taps, i): [number, number] => [0, taps * stride[i]! - spread.shape[i]!]),
    [0, 0],
    [0, 0],
  ]);
  const blocked = spaceToDepth(whole.reshape([1, ...whole.shape.slice(0, 3), inputs * outputs]), stride);
  const phases = product(stride) * inputs;
  const taps = blocked.reshape([...blocks, phases, outputs]);
  return permute(tf.reverse(taps, [0, 1, 2]), [0, 1, 2, 4, 3]);
}

function filterGradientOne(x: tf.Tensor, dy: tf.Tensor, kernel: readonly number[], geometry: Geometry): tf.Tensor {
  if (hasNativeConv(geometry)) return nativeFilterGradient(x, dy, kernel, geometry);
  const { stride, dilation, pad } = geometry;
  const strided = stride.some((step) => step > 1);
  const taps = strided ? blockTaps(kernel, geometry) : kernel;
  const spacing = strided ? [1, 1, 1] : dilation;
  const reach = taps.map((count, i) => (dy.shape[i + 1]! + (count - 1) * spacing[i]!) * stride[i]!);
  const around = pad.map(([before], i): [number, number] => [before, reach[i]! - x.shape[i + 1]! - before]);
  const padded = padSpatial(x, around);
  const products = tapProducts(strided ? spaceToDepth(padded, stride) : padded, dy, taps, spacing);
  return strided ? tapsOfBlocks(products, kernel, x.shape[4]!, geometry) : products;
}

/** The inverse of `phaseFilter`: `[q, q, q, s^3 * Ci, Co]` to `[k, k, k, Ci, Co]`. */
function tapsOfBlocks(
  blocked: tf.Tensor,
  kernel: readonly number[],
  inputs: number,
  { stride, dilation }: Geometry,
): tf.Tensor {
  const outputs = blocked.shape[4]!;
  const phases = blocked.reshape([1, ...blocked.shape.slice(0, 3), -1]);
  const space = depthToSpace(phases, stride);
  let result = space.reshape([...space.shape.slice(1, 4), inputs, outputs]);
  for (const [axis, size] of kernel.entries()) result = everyNth(result, axis, size, dilation[axis]!);
  return result;
}

/** `count` elements 0, step, 2 * step, ... of an axis. */
function everyNth(x: tf.Tensor, axis: number, count: number, step: number): tf.Tensor {
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const rows = x.reshape([product(before), x.shape[axis]!, product(after)]);
  const indices = Array.from({ length: count }, (_, i) => i * step);
  const kept = step === 1 ? tf.slice(rows, [0, 0, 0], [-1, count, -1]) : tf.gather(rows, indices, 1);
  return kept.reshape([...before, count, ...after]);
}
