/**
 * `UnetConv`, `UnetConvTranspose`, `UnetConvFilter` on `[N, C, ...spatial]` with weights `[Co, Ci / groups, ...kernel]`.
 *
 * onnxruntime has no gradient operators, and its ConvTranspose is 2 to 15 times slower than its Conv, so everything is
 * a Conv or a matrix product:
 * - kernel 1: a matrix product.
 * - Input gradient, stride 1: a Conv of dy with the flipped, transposed weights. Stride s: a Conv that gives the s^d phases
 *   of the result as channels, then depth to space.
 * - Weight gradient: a Conv of x with dy as its kernel, in which the channels of x lie inside the innermost axis
 *   (`conv-filter.ts`).
 */
import type { GraphBuilder } from '../graph/builder.js';
import { sizeOf, type Value } from '../graph/value.js';
import { add, concat, gather, matMul, padAround, reduce, reshape, slice, transpose } from './basic.js';
import { filterGradient } from './conv-filter.js';
import { emitter, type Emitters } from './emitter.js';
import { depthToSpace, isPlain, type Window } from './window.js';

interface ConvAttributes extends Window {
  readonly groups: number;
}

/** y = conv(x, w) (+ bias). */
export function conv(
  g: GraphBuilder,
  x: Value,
  w: Value,
  bias: Value | undefined,
  window: Window,
  groups: number,
): Value {
  const kernel = w.shape.slice(2);
  if (groups === 1 && isPlain(kernel, window)) return pointwise(g, x, w, bias);
  const { stride, dilation, pad } = window;
  const padded = pad.some(([before, after]) => before < 0 || after < 0) ? padAround(g, x, [[0, 0], [0, 0], ...pad]) : x;
  const pads =
    padded === x ? [...pad.map(([before]) => before), ...pad.map(([, after]) => after)] : kernel.flatMap(() => [0, 0]);
  const sizes = kernel.map((taps, i) => {
    const reach = dilation[i]! * (taps - 1) + 1;
    return Math.floor((x.shape[i + 2]! + pad[i]![0] + pad[i]![1] - reach) / stride[i]!) + 1;
  });
  const output = { shape: [x.shape[0]!, w.shape[0]!, ...sizes], type: x.type };
  const operands = bias === undefined ? [padded, w] : [padded, w, bias];
  return g.node('Conv', operands, output, {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    pads,
    group: groups,
  });
}

/** `[N, C, L]`. */
function rows(g: GraphBuilder, x: Value): Value {
  return reshape(g, x, [x.shape[0]!, x.shape[1]!, sizeOf(x.shape.slice(2))]);
}

function pointwise(g: GraphBuilder, x: Value, w: Value, bias: Value | undefined): Value {
  const [out, inputs] = w.shape as [number, number];
  const product = matMul(g, reshape(g, w, [out, inputs]), rows(g, x));
  const y = bias === undefined ? product : add(g, product, reshape(g, bias, [out, 1]));
  return reshape(g, y, [x.shape[0]!, out, ...x.shape.slice(2)]);
}

/** The gradient of `conv` with regard to an x of spatial `sizes`, which is also transposed convolution. */
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
    const product = matMul(g, reshape(g, w, [out, inputs]), rows(g, dy), true);
    return reshape(g, product, [dy.shape[0]!, inputs, ...sizes]);
  }
  if (window.stride.every((step) => step === 1)) {
    const around = kernel.map((taps, i): [number, number] => {
      const reach = (taps - 1) * window.dilation[i]!;
      const before = reach - window.pad[i]![0];
      return [before, sizes[i]! - dy.shape[i + 2]! + reach - before];
    });
    return conv(g, dy, turned(g, w, groups), undefined, { ...window, pad: around }, groups);
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
  const y = conv(g, dy, filter, undefined, flat, groups);
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

export const convolutions: Emitters = {
  UnetConv: emitter<ConvAttributes>((g, { x, w, bias }, { groups, ...window }) =>
    conv(g, x!, w!, bias, window, groups),
  ),
  UnetConvTranspose: emitter<ConvAttributes & { readonly sizes: readonly number[] }>(
    (g, { dy, w, bias }, { groups, sizes, ...window }) => {
      const dx = convInputGradient(g, dy!, w!, sizes, window, groups);
      return bias === undefined ? dx : add(g, dx, reshape(g, bias, [bias.shape[0]!, ...sizes.map(() => 1)]));
    },
  ),
  UnetConvFilter: emitter<ConvAttributes & { readonly kernel: readonly number[] }>(
    (g, { x, dy }, { groups, kernel, ...window }) => {
      if (groups === 1 && isPlain(kernel, window)) return pointwiseFilter(g, x!, dy!, kernel);
      return filterGradient(g, x!, dy!, kernel, window, groups);
    },
  ),
};

function pointwiseFilter(g: GraphBuilder, x: Value, dy: Value, kernel: readonly number[]): Value {
  const products = matMul(g, rows(g, dy), rows(g, x), false, true);
  return reshape(g, reduce(g, 'ReduceSum', products, [0]), [dy.shape[1]!, x.shape[1]!, ...kernel]);
}
