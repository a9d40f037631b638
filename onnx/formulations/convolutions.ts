/**
 * Convolutions on `[N, C, ...spatial]` with weights `[Co, Ci / groups, ...kernel]`, PyTorch's order, which is also ONNX's.
 *
 * On the CPU provider everything is a Conv or a matrix product: there are no gradient operators, and ConvTranspose is 2 to
 * 15 times slower than Conv.
 * - Kernel 1: a matrix product.
 * - Input gradient, stride 1: a Conv of dy with the flipped, transposed weights. Stride s: a Conv that gives the s^d phases
 *   of the result as channels, then depth to space.
 * - Weight gradient: a Conv of x with dy as its kernel, in which the channels of x are inside the innermost axis
 *   (`filter-gradient.ts`).
 */
import { isTuned, type GraphBuilder } from '../builder.js';
import { isStatic, sizeOf, type Size, type Value } from '../graph.js';
import { add } from './elementwise.js';
import { linear, matMul, rowsOf, withWeights } from './products.js';
import {
  alongChannels,
  channelsOf,
  concat,
  gather,
  given,
  padAround,
  padsOf,
  reshape,
  slice,
  transpose,
  type Weight,
} from './shaping.js';
import { depthToSpace, isPlain, windowSizes, type Window } from './window.js';

/** The shape of a convolution's weight. */
export interface FilterShape {
  readonly out: number;
  readonly kernel: readonly number[];
  readonly groups: number;
}

/** y = conv(x, w) (+ bias). Where sizes are known, a negative pad cuts. */
export function conv<S extends Size>(
  g: GraphBuilder,
  x: Value<S>,
  w: Weight,
  bias: Weight | undefined,
  window: Window,
  { out, kernel, groups }: FilterShape,
): Value<S> {
  if (groups === 1 && isPlain(kernel, window) && isTuned(g, x)) return linear<S>(g, x, w, bias, out);
  const { stride, dilation, pad } = window;
  const cuts = isStatic(x) && pad.some(([before, after]) => before < 0 || after < 0);
  const padded = cuts ? padAround(g, x, [[0, 0], [0, 0], ...pad]) : x;
  const operands = withWeights(padded, w([out, channelsOf(x) / groups, ...kernel]), bias, out);
  const shape = [x.shape[0]!, out as S, ...windowSizes(x.shape.slice(2), kernel, window)];
  const pads = cuts ? kernel.flatMap(() => [0, 0]) : padsOf(pad);
  const attributes = { kernel_shape: kernel, strides: stride, dilations: dilation, pads, group: groups };
  return g.node('Conv', operands, { shape, type: x.type }, attributes);
}

/** `conv` with a weight and a bias that are values of the graph. */
export function convWith(
  g: GraphBuilder,
  x: Value,
  w: Value,
  bias: Value | undefined,
  window: Window,
  groups: number,
): Value {
  const [out, , ...kernel] = w.shape as [number, number, ...number[]];
  const shift = bias === undefined ? undefined : given(g, bias);
  return conv(g, x, given(g, w), shift, window, { out, kernel, groups });
}

/**
 * Transposed convolution, the gradient of `conv` with respect to an x of spatial `sizes`; weights `[Ci, Co, ...kernel]`.
 * The standard operator gives the sizes (n - 1) * stride - before - after + kernel + outputPad.
 */
export function transposedConv<S extends Size>(
  g: GraphBuilder,
  x: Value<S>,
  w: Weight,
  bias: Weight | undefined,
  window: Window,
  { out, kernel, groups }: FilterShape,
  sizes: readonly S[],
  outputPad: readonly number[] = kernel.map(() => 0),
): Value<S> {
  const weight = w([channelsOf(x), out / groups, ...kernel]);
  if (isTuned(g, x)) {
    const y = convInputGradient(g, x, weight, sizes as readonly number[], window, groups);
    return (bias === undefined ? y : add(g, y, bias(alongChannels(y)))) as Value<S>;
  }
  const shape = [x.shape[0]!, out as S, ...sizes];
  const attributes = {
    kernel_shape: kernel,
    strides: window.stride,
    pads: padsOf(window.pad),
    ...(groups === 1 ? {} : { group: groups }),
    ...(outputPad.every((each) => each === 0) ? {} : { output_padding: outputPad }),
  };
  return g.node('ConvTranspose', withWeights(x, weight, bias, out), { shape, type: x.type }, attributes);
}

/** The gradient of `conv` with respect to an x of spatial `sizes`. */
export function convInputGradient(
  g: GraphBuilder,
  dy: Value,
  w: Value,
  sizes: readonly number[],
  window: Window,
  groups: number,
): Value {
  const kernel = w.shape.slice(2);
  if (groups === 1 && isPlain(kernel, window)) {
    const [out, inputs] = w.shape as [number, number];
    const product = matMul(g, reshape(g, w, [out, inputs]), rowsOf(g, dy), true);
    return reshape(g, product, [dy.shape[0]!, inputs, ...sizes]);
  }
  if (window.stride.every((step) => step === 1)) {
    const around = kernel.map((taps, i): [number, number] => {
      const reach = (taps - 1) * window.dilation[i]!;
      const before = reach - window.pad[i]![0];
      return [before, sizes[i]! - dy.shape[i + 2]! + reach - before];
    });
    return convWith(g, dy, turned(g, w, groups), undefined, { ...window, pad: around }, groups);
  }
  return stridedInputGradient(g, dy, w, sizes, window, groups);
}

/** `[Co, Ci / groups, ...k]` to `[Ci, Co / groups, ...k]` with the taps reversed. */
function turned(g: GraphBuilder, w: Value, groups: number): Value {
  const [out, inputs, ...kernel] = w.shape as [number, number, ...number[]];
  const taps = sizeOf(kernel);
  const grouped = reshape(g, w, [groups, out / groups, inputs, taps]);
  const swapped = reshape(g, transpose(g, grouped, [0, 2, 1, 3]), [groups * inputs, out / groups, taps]);
  const reversed = gather(
    g,
    swapped,
    Array.from({ length: taps }, (_, i) => taps - 1 - i),
    2,
  );
  return reshape(g, reversed, [groups * inputs, out / groups, ...kernel]);
}

/**
 * Position u = i + pad of the result, u = s * q + p, gets from dy at q - b the tap at s * b + p of the (spread) kernel.
 * So a convolution over blocks b gives all phases p as channels, `[.., s^d * Ci, q]`.
 */
function stridedInputGradient(
  g: GraphBuilder,
  dy: Value,
  w: Value,
  sizes: readonly number[],
  { stride, dilation, pad }: Window,
  groups: number,
): Value {
  const [, inputs, ...kernel] = w.shape as [number, number, ...number[]];
  const blocks = kernel.map((taps, i) => Math.floor(((taps - 1) * dilation[i]!) / stride[i]!) + 1);
  const counts = sizes.map((size, i) => Math.ceil((size + pad[i]![0]) / stride[i]!));
  const around = blocks.map((count, i): [number, number] => [count - 1, counts[i]! - dy.shape[i + 2]!]);
  const phases = sizeOf(stride);
  const filter = phaseFilter(g, w, blocks, { stride, dilation, pad }, groups);
  const flat = { stride: stride.map(() => 1), dilation: stride.map(() => 1), pad: around };
  const y = convWith(g, dy, filter, undefined, flat, groups);
  // Channels are (group, input, phase).
  const cases = dy.shape[0]!;
  const space = depthToSpace(g, reshape(g, y, [cases * groups * inputs, phases, ...counts]), stride);
  const whole = reshape(g, space, [cases, groups * inputs, ...space.shape.slice(1)]);
  return slice(g, whole, [0, 0, ...pad.map(([before]) => before)], [cases, groups * inputs, ...sizes]);
}

/** `[groups * Ci/g * phases, Co/g, ...blocks]`, blocks reversed; zero where no tap falls on a place. */
function phaseFilter(
  g: GraphBuilder,
  w: Value,
  blocks: readonly number[],
  { stride, dilation }: Window,
  groups: number,
): Value {
  const [out, inputs, ...kernel] = w.shape as [number, number, ...number[]];
  const taps = sizeOf(kernel);
  const phases = sizeOf(stride);
  const places = sizeOf(blocks);
  const zero = g.constant(new Float32Array(out * inputs), [out, inputs, 1]);
  const withZero = concat(g, [reshape(g, w, [out, inputs, taps]), zero], 2);
  const indices: number[] = [];
  for (const phase of positions(stride)) {
    for (const place of positions(blocks)) {
      const tap = place.map((each, i) => {
        const spread = stride[i]! * (blocks[i]! - 1 - each) + phase[i]!;
        return spread % dilation[i]! === 0 ? spread / dilation[i]! : kernel[i]!;
      });
      const inside = tap.every((each, i) => each < kernel[i]!);
      indices.push(inside ? tap.reduce((index, each, i) => index * kernel[i]! + each, 0) : taps);
    }
  }
  const gathered = reshape(g, gather(g, withZero, indices, 2), [groups, out / groups, inputs, phases, places]);
  return reshape(g, transpose(g, gathered, [0, 2, 3, 1, 4]), [groups * inputs * phases, out / groups, ...blocks]);
}

/** Every place of a box, last axis fastest. */
function positions(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}
