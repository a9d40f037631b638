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
import { tapProducts } from './tap-products.js';

interface Geometry {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pad: Amounts;
}

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
  const weights = tf.split(liftWeight(w), groups, 0);
  const biases = bias === undefined ? [] : tf.split(bias, groups);
  const parts = tf
    .split(lift(x), groups, -1)
    .map((part, group) => convOne(part, tapsInOut(weights[group]!), biases[group], lifted));
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
  const weights = tf.split(liftWeight(w), groups, 0);
  const parts = tf
    .split(lift(dy), groups, -1)
    .map((part, group) => inputGradientOne(part, tapsInOut(weights[group]!), lift3(sizes, 1), lifted));
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
  const outputs = tf.split(lift(dy), groups, -1);
  const parts = tf
    .split(lift(x), groups, -1)
    .map((part, group) => filterGradientOne(part, outputs[group]!, lift3(kernel, 1), lifted));
  const outIn = parts.map((taps) => permute(taps, [4, 3, 0, 1, 2]));
  const joined = groups === 1 ? outIn[0]! : tf.concat(outIn, 0);
  return joined.reshape([...joined.shape.slice(0, 2), ...kernel]);
}

function join(parts: readonly tf.Tensor[]): tf.Tensor {
  return parts.length === 1 ? parts[0]! : tf.concat([...parts], -1);
}

function lift3<T>(list: readonly T[], filler: T): T[] {
  return [...Array<T>(3 - list.length).fill(filler), ...list];
}

function liftGeometry({ stride, dilation, pad }: Geometry): Geometry {
  return { stride: lift3(stride, 1), dilation: lift3(dilation, 1), pad: lift3<Amounts[number]>(pad, [0, 0]) };
}

function lift(x: tf.Tensor): tf.Tensor {
  return x.reshape([x.shape[0]!, ...lift3(x.shape.slice(1, -1), 1), x.shape.at(-1)!]);
}

function unlift(x: tf.Tensor, rank: number): tf.Tensor {
  return x.reshape([x.shape[0]!, ...x.shape.slice(6 - rank)]);
}

function liftWeight(w: tf.Tensor): tf.Tensor {
  return w.reshape([...w.shape.slice(0, 2), ...lift3(w.shape.slice(2), 1)]);
}

/** `[Co, Ci, kd, kh, kw]` to `[kd, kh, kw, Ci, Co]`, the order of all filters below. */
function tapsInOut(w: tf.Tensor): tf.Tensor {
  return permute(w, [2, 3, 4, 1, 0]);
}

function convOne(x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor | undefined, geometry: Geometry): tf.Tensor {
  const kernel = filter.shape.slice(0, 3);
  const { stride, dilation } = geometry;
  const patches = kernel.every((size, i) => size === stride[i] && (dilation[i] === 1 || size === 1));
  return patches ? convPatches(x, filter, bias, geometry) : convByDepthTaps(x, filter, bias, geometry);
}

/** Kernel = stride (1 among them): no two windows overlap, so the convolution is a product over blocks. */
function convPatches(x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor | undefined, geometry: Geometry): tf.Tensor {
  const { stride, pad } = geometry;
  const whole = pad.map(([before, after], i): [number, number] => {
    const size = x.shape[i + 1]! + before + after;
    return [before, after - (size % stride[i]!)];
  });
  const blocks = spaceToDepth(padSpatial(x, whole), stride);
  return times(blocks, filter.reshape([-1, filter.shape[4]!]), bias);
}

/** `[..., I] * [I, O] (+ bias)`: as a 1x1 convolution, which takes the bias along. */
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

function convByDepthTaps(
  x: tf.Tensor,
  given: tf.Tensor,
  bias: tf.Tensor | undefined,
  { stride, dilation: givenDilation, pad }: Geometry,
): tf.Tensor {
  // tfjs's conv2d takes a stride or a dilation, not both.
  const both = [1, 2].some((i) => stride[i]! > 1) && [1, 2].some((i) => givenDilation[i]! > 1);
  const filter = both ? spreadTaps(given, [1, givenDilation[1]!, givenDilation[2]!]) : given;
  const dilation = both ? [givenDilation[0]!, 1, 1] : givenDilation;
  const cutPlane = pad.map(([before, after], i): [number, number] =>
    i === 0 ? [before, after] : [Math.min(before, 0), Math.min(after, 0)],
  );
  const planePad = pad.slice(1).map(([before, after]): [number, number] => [Math.max(before, 0), Math.max(after, 0)]);
  const deep = padSpatial(x, cutPlane);
  const depth = sizeAfter(deep.shape[1]!, filter.shape[0]!, stride[0]!, dilation[0]!);
  const slices = depthSlices(deep, filter.shape[0]!, stride[0]!, dilation[0]!, depth);
  const taps = tf.unstack(filter, 0);
  const planes = slices.map((slice, tap) =>
    tf.tidy(() => {
      const images = slice().reshape([-1, ...deep.shape.slice(2)]);
      return conv2d(images, taps[tap]!, tap === 0 ? bias : undefined, stride.slice(1), dilation.slice(1), planePad);
    }),
  );
  const sum = planes.reduce((total, each) => disposing([total, each], tf.add(total, each)));
  return sum.reshape([x.shape[0]!, depth, ...sum.shape.slice(1)]);
}

/** Gives `result` and frees what it was made of: sums of many large terms need two of them at a time. */
function disposing(used: readonly tf.Tensor[], result: tf.Tensor): tf.Tensor {
  used.forEach((each) => each.dispose());
  return result;
}

function sizeAfter(n: number, kernel: number, stride: number, dilation: number): number {
  return Math.floor((n - dilation * (kernel - 1) - 1) / stride) + 1;
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
    const begin = [0, Math.floor(position / stride), (position % stride) * plane];
    return tf.slice(phases, begin, [n, depth, plane]).reshape([n, depth, height, width, channels]);
  });
}

/** The filter of a dilated convolution with its zeros written out. */
function spreadTaps(filter: tf.Tensor, dilation: readonly number[]): tf.Tensor {
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

/** Taps in the space-to-depth form of x: floor((k - 1) * dilation / stride) + 1 blocks on each axis. */
function blockTaps(kernel: readonly number[], { stride, dilation }: Geometry): number[] {
  return kernel.map((size, i) => Math.floor(((size - 1) * dilation[i]!) / stride[i]!) + 1);
}

function inputGradientOne(dy: tf.Tensor, filter: tf.Tensor, sizes: readonly number[], geometry: Geometry): tf.Tensor {
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

/** `[q, q, q, Co, s * s * s * Ci]`, flipped: tap position stride * q + phase of the filter, zero where it has none. */
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

/** The inverse of what `phaseFilter` does to the order: `[q, q, q, s^3 * Ci, Co]` to `[k, k, k, Ci, Co]`. */
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

/** Entries 0, step, 2 * step, ... of an axis, `count` of them. */
function everyNth(x: tf.Tensor, axis: number, count: number, step: number): tf.Tensor {
  const indices = Array.from({ length: count }, (_, i) => i * step);
  return tf.gather(x, tf.tensor1d(indices, 'int32'), axis);
}
