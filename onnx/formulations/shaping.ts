/** Operators that move entries or change shapes. Those without effect add no node. */
import type { GraphBuilder } from '../builder.js';
import { derived, isStatic, sameShape, sizeOf, unnamed, type AnyValue, type Size, type Value } from '../graph.js';
import { joined, sizeOfAxis, type Extent } from './sizes.js';

/** `[before, after]` per axis. */
export type Amounts = readonly (readonly [number, number])[];

/** A trained weight, in the shape asked for: a constant of the graph, or an input reshaped. */
export type Weight = (shape: readonly number[]) => Value;

/** A weight that is a value of the graph. */
export function given(g: GraphBuilder, value: Value): Weight {
  return (shape) => reshape(g, value, shape);
}

/** Every axis of `x` as a target of `reshape`. */
export function extentsOf(x: AnyValue): readonly Extent[] {
  return x.shape.map((size, axis) => (typeof size === 'number' ? size : { of: x, axis }));
}

/**
 * The same numbers in another shape; `rest` may occur once. Where all sizes are known, a constant is reshaped at once,
 * and a reshape of a reshape refers to the original.
 */
export function reshape(g: GraphBuilder, x: Value, to: readonly number[]): Value;
export function reshape<S extends Size>(g: GraphBuilder, x: Value<S>, to: readonly Extent[]): Value<S>;
export function reshape(g: GraphBuilder, x: AnyValue, to: readonly Extent[]): AnyValue {
  const known = knownShape(x, to);
  return known !== undefined && isStatic(x) ? reshapeStatic(g, x, known) : reshapeOpen(g, x, to);
}

/** Undefined if the shape depends on a size that is not known. */
function knownShape(x: AnyValue, to: readonly Extent[]): readonly number[] | undefined {
  const numbers = to.filter((size) => typeof size === 'number');
  if (!isStatic(x) || to.some((size) => typeof size === 'object')) return undefined;
  return to.map((size) => (typeof size === 'number' ? size : sizeOf(x.shape) / sizeOf(numbers)));
}

function reshapeStatic(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const numbers = g.numbersOf(x);
  if (numbers !== undefined) return g.constant(numbers, shape);
  const producer = g.producerOf(x);
  const original = producer?.op === 'Reshape' ? producer.inputs[0] : undefined;
  if (original !== undefined && isStatic(original)) return reshapeStatic(g, original, shape);
  return g.node('Reshape', [x, g.integers(shape)], { shape, type: x.type });
}

/** Sizes become constants wherever they can. */
function reshapeOpen(g: GraphBuilder, x: AnyValue, to: readonly Extent[]): AnyValue {
  // 0 copies the size that the operand has at the same place.
  const settled = to.map((size, place) => {
    if (typeof size !== 'object' || 'size' in size) return size;
    return size.of.name === x.name && size.axis === place ? 0 : size;
  });
  const open = settled.filter((size) => typeof size === 'object');
  const mayInfer = open.length === 1 && !settled.includes('rest');
  const lists = settled.map((size): number | AnyValue => {
    if (size === 'rest') return -1;
    if (typeof size === 'number') return size;
    if (mayInfer) return -1;
    return 'size' in size ? size.size : sizeOfAxis(g, size.of, size.axis);
  });
  const shape = to.map((size) => {
    if (typeof size === 'number') return size;
    return typeof size === 'object' && 'of' in size ? size.of.shape[size.axis]! : unnamed;
  });
  return g.node('Reshape', [x, joined(g, lists)], { shape, type: x.type });
}

/** `y`, which has as many values a case, in the shape of `x`. */
export function reshapeLike<S extends Size>(g: GraphBuilder, y: Value<S>, x: Value<S>): Value<S> {
  const [, ...others] = extentsOf(x);
  if (others.some((size) => typeof size === 'object')) {
    return g.node('Reshape', [y, sizesOf(g, x)], { shape: x.shape, type: y.type });
  }
  return reshape(g, y, [extentsOf(y)[0]!, ...others]);
}

function sizesOf(g: GraphBuilder, x: AnyValue): Value {
  return g.node('Shape', [x], { shape: [x.shape.length], type: 'int64' });
}

/** The shape in which one value for each channel is combined with `x`, `[N, C, ...]`: `[C, 1, 1]` for two spatial axes. */
export function alongChannels(x: AnyValue): readonly number[] {
  return [channelsOf(x), ...x.shape.slice(2).map(() => 1)];
}

/** The number of channels of `[N, C, ...]`, which is always known. */
export function channelsOf({ shape }: AnyValue): number {
  const [, channels] = shape;
  if (typeof channels !== 'number') throw new Error('the number of channels is not known');
  return channels;
}

/** Axis i of the result is axis `order[i]` of `x`. */
export function transpose<S extends Size>(g: GraphBuilder, x: Value<S>, order: readonly number[]): Value<S> {
  if (order.every((axis, place) => axis === place)) return x;
  const shape = order.map((axis) => x.shape[axis]!);
  const wide = order.filter((axis) => x.shape[axis] !== 1);
  // Axes of size 1 alone move: a reshape, which copies nothing.
  const inOrder = wide.every((axis, i) => i === 0 || wide[i - 1]! < axis);
  if (inOrder && isStatic(x)) return reshape<S>(g, x as Value<S>, shape as readonly number[]);
  return g.node('Transpose', [x], { shape, type: x.type }, { perm: order });
}

export function squeeze<S extends Size>(g: GraphBuilder, x: Value<S>, axes: readonly number[]): Value<S> {
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  return g.node('Squeeze', [x, g.integers(axes)], { shape, type: x.type });
}

/** Axes of size 1 are inserted so that they are at `axes` of the result. */
export function unsqueeze<S extends Size>(g: GraphBuilder, x: Value<S>, axes: readonly number[]): Value<S> {
  if (axes.length === 0) return x;
  const shape = axes.toSorted((a, b) => a - b).reduce((sizes, axis) => sizes.toSpliced(axis, 0, 1 as S), [...x.shape]);
  return g.node('Unsqueeze', [x, g.integers(axes)], { shape, type: x.type });
}

export function expand(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  return g.node('Expand', [x, g.integers(shape)], { shape: [...shape], type: x.type });
}

/** `x`, whose first axis has size 1, repeated for each case of `like`. */
export function expandCases(g: GraphBuilder, x: AnyValue, like: AnyValue): AnyValue {
  const sizes = joined(g, [sizeOfAxis(g, like, 0), ...x.shape.slice(1).map(() => 1)]);
  return g.node('Expand', [x, sizes], { shape: [like.shape[0]!, ...x.shape.slice(1)], type: x.type });
}

/** `x` repeated `times[axis]` times along each axis. */
export function tile(g: GraphBuilder, x: Value, times: readonly number[]): Value {
  const shape = x.shape.map((size, axis) => size * times[axis]!);
  if (x.shape.every((size, axis) => size === 1 || times[axis] === 1)) return expand(g, x, shape);
  return g.node('Tile', [x, g.integers(times)], { shape, type: x.type });
}

export function concat<S extends Size>(g: GraphBuilder, parts: readonly Value<S>[], axis: number): Value<S> {
  const [first] = parts as [Value<S>];
  if (parts.length === 1) return first;
  const size = parts.map(({ shape }) => shape[axis]!).reduce(sumOfSizes);
  return g.node('Concat', parts, { shape: first.shape.with(axis, size), type: first.type }, { axis });
}

function sumOfSizes<S extends Size>(a: S, b: S): S {
  return typeof b === 'number' ? derived(a, (size) => size + b) : b;
}

/** Pieces of the given sizes along an axis. */
export function split(g: GraphBuilder, x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((size) => ({ shape: x.shape.with(axis, size), type: x.type }));
  return g.nodeWith('Split', [x, g.integers(sizes)], outputs, { axis });
}

/** Entries `begin` to `begin + size` of each axis. */
export function slice(g: GraphBuilder, x: Value, begin: readonly number[], size: readonly number[]): Value {
  const axes = x.shape.flatMap((extent, axis) => (begin[axis] === 0 && size[axis] === extent ? [] : [axis]));
  if (axes.length === 0) return x;
  const starts = g.integers(axes.map((axis) => begin[axis]!));
  const ends = g.integers(axes.map((axis) => begin[axis]! + size[axis]!));
  return sliceAlong(g, x, axes, starts, ends, size);
}

/** An end beyond that of any axis. */
export const toTheEnd = 2 ** 62;

/** Entries `starts` to `ends` of some axes, both lists with one entry per axis; a negative one counts from the end. */
export function sliceAlong<S extends Size>(
  g: GraphBuilder,
  x: AnyValue,
  axes: readonly number[],
  starts: AnyValue,
  ends: AnyValue,
  shape: readonly S[],
): Value<S> {
  return g.node('Slice', [x, starts, ends, g.integers(axes)], { shape, type: x.type });
}

/** Circular shift along an axis as numpy.roll: what is cut off at the end is put in front. */
export function roll(g: GraphBuilder, x: AnyValue, axis: number, by: number): AnyValue {
  const size = x.shape[axis]!;
  if (by === 0 || (typeof size === 'number' && by % size === 0)) return x;
  const cut = typeof size === 'number' ? g.integers([remainder(-by, size)]) : cutWithin(g, x, axis, by);
  const part = x.shape.with(axis, unnamed);
  const tail = sliceAlong(g, x, [axis], cut, g.integers([toTheEnd]), part);
  const head = sliceAlong(g, x, [axis], g.integers([0]), cut, part);
  return concat(g, [tail, head], axis);
}

/** Never negative. */
function remainder(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Mod takes the sign of the divisor. */
function cutWithin(g: GraphBuilder, x: AnyValue, axis: number, by: number): AnyValue {
  return g.node('Mod', [g.integers([-by]), sizeOfAxis(g, x, axis)], { shape: [1], type: 'int64' });
}

/** Entries of an axis by constant indices. */
export function gather(g: GraphBuilder, x: Value, indices: readonly number[], axis: number): Value {
  if (indices.length === x.shape[axis] && indices.every((index, i) => index === i)) return x;
  return gatherAt(g, x, g.integers(indices), axis);
}

/** Entries of an axis by indices; the axes of `indices` take the place of that axis. */
export function gatherAt<S extends Size>(g: GraphBuilder, x: Value<S>, indices: Value<S>, axis: number): Value<S> {
  const shape = x.shape.toSpliced(axis, 1, ...indices.shape);
  return g.node('Gather', [x, indices], { shape, type: x.type }, { axis });
}

/** `amounts[axis]` of a value around every axis; a negative amount cuts. */
export function padAround(g: GraphBuilder, x: Value, amounts: Amounts, value = 0): Value {
  const cutBegin = amounts.map(([before]) => Math.max(-before, 0));
  const cutSize = x.shape.map((size, i) => size - cutBegin[i]! - Math.max(-amounts[i]![1], 0));
  const cut = slice(g, x, cutBegin, cutSize);
  const around = amounts.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)] as const);
  if (around.every(([before, after]) => before === 0 && after === 0)) return cut;
  const shape = cut.shape.map((size, i) => size + around[i]![0] + around[i]![1]);
  return padBy(g, cut, g.integers(padsOf(around)), value, shape);
}

/** What padding adds: a number, or values of the tensor. */
export type Filling = number | 'replicate' | 'reflect';

/** `pads` lists what is added before each axis, then what is added after each. */
export function padBy<S extends Size>(
  g: GraphBuilder,
  x: AnyValue,
  pads: AnyValue,
  filling: Filling,
  shape: readonly S[],
): Value<S> {
  const output = { shape, type: x.type };
  if (typeof filling === 'string') {
    return g.node('Pad', [x, pads], output, { mode: filling === 'replicate' ? 'edge' : 'reflect' });
  }
  const filler = x.type === 'int32' ? g.constant(Int32Array.of(filling), []) : g.scalar(filling);
  return g.node('Pad', filling === 0 ? [x, pads] : [x, pads, filler], output);
}

/** All amounts before, then all after, as ONNX lists them. */
export function padsOf(amounts: Amounts): readonly number[] {
  return [...amounts.map(([before]) => before), ...amounts.map(([, after]) => after)];
}
