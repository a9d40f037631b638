/** Operators as functions from values to a value, with the shapes of their results. Trivial ones make no node. */
import { isFilledWith, type GraphBuilder } from '../graph/builder.js';
import { sameShape, sizeOf, type ElementType, type Value } from '../graph/value.js';

export type BinaryOp = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min' | 'Pow';
export type CompareOp = 'Greater' | 'GreaterOrEqual' | 'Less' | 'LessOrEqual' | 'Equal';
export type ReduceOp = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

/** Sizes of the result of an operation that repeats axes of size 1. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    return left === 1 ? right : left;
  });
}

export function binary(g: GraphBuilder, op: BinaryOp, a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  return g.node(op, [a, b], { shape, type: a.type });
}

export function add(g: GraphBuilder, a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  if (isFilledWith(g, b, 0) && sameShape(shape, a.shape)) return a;
  if (isFilledWith(g, a, 0) && sameShape(shape, b.shape)) return b;
  return binary(g, 'Add', a, b);
}

export function mul(g: GraphBuilder, a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  if (isFilledWith(g, b, 1) && sameShape(shape, a.shape)) return a;
  if (isFilledWith(g, a, 1) && sameShape(shape, b.shape)) return b;
  return binary(g, 'Mul', a, b);
}

export function sub(g: GraphBuilder, a: Value, b: Value): Value {
  return binary(g, 'Sub', a, b);
}

export function div(g: GraphBuilder, a: Value, b: Value): Value {
  return binary(g, 'Div', a, b);
}

/** `a` times a number. */
export function scale(g: GraphBuilder, a: Value, factor: number): Value {
  return factor === 1 ? a : mul(g, a, g.scalar(factor));
}

/** An elementwise operator of one operand. */
export function unary(g: GraphBuilder, op: string, x: Value): Value {
  return g.node(op, [x], { shape: x.shape, type: x.type });
}

export function compare(g: GraphBuilder, op: CompareOp, a: Value, b: Value): Value {
  return g.node(op, [a, b], { shape: broadcastShape(a.shape, b.shape), type: 'bool' });
}

const CAST_TO: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export function cast(g: GraphBuilder, x: Value, type: ElementType): Value {
  return x.type === type ? x : g.node('Cast', [x], { shape: x.shape, type }, { to: CAST_TO[type] });
}

export function where(g: GraphBuilder, condition: Value, yes: Value, no: Value): Value {
  const shape = broadcastShape(condition.shape, broadcastShape(yes.shape, no.shape));
  return g.node('Where', [condition, yes, no], { shape, type: yes.type });
}

/** The same numbers in another shape. A reshape of a reshape looks at the original. */
export function reshape(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const numbers = g.numbersOf(x);
  if (numbers !== undefined) return g.constant(numbers, shape);
  const producer = g.producerOf(x);
  if (producer?.op === 'Reshape') return reshape(g, producer.inputs[0]!, shape);
  return g.node('Reshape', [x, g.integers(shape)], { shape: [...shape], type: x.type });
}

/** Axis i of the result is axis `order[i]` of `x`. Where only axes of size 1 move it is a reshape. */
export function transpose(g: GraphBuilder, x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.shape[axis]!);
  const wide = order.filter((axis) => x.shape[axis] !== 1);
  if (wide.every((axis, i) => i === 0 || wide[i - 1]! < axis)) return reshape(g, x, shape);
  return g.node('Transpose', [x], { shape, type: x.type }, { perm: order });
}

export function reduce(
  g: GraphBuilder,
  op: ReduceOp,
  x: Value,
  axes: readonly number[],
  { keep = false }: { readonly keep?: boolean } = {},
): Value {
  const shape = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
  // One value an entry: nothing to add up, and a reduction would copy.
  if (axes.every((axis) => x.shape[axis] === 1)) return reshape(g, x, shape);
  if ((op === 'ReduceSum' || op === 'ReduceMean') && x.type === 'float32') {
    const inner = innerReduction(x, axes);
    if (inner !== undefined) return reshape(g, reduceRows(g, op, x, inner), shape);
  }
  return g.node(op, [x, g.integers(axes)], { shape, type: x.type }, { keepdims: keep ? 1 : 0 });
}

/** How many values in a row are reduced, where the axes are the innermost ones (those of size 1 aside). */
function innerReduction({ shape }: Value, axes: readonly number[]): number | undefined {
  const wide = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const reduced = wide.filter((axis) => axes.includes(axis));
  const innermost = reduced.every((axis, i) => wide[wide.length - reduced.length + i] === axis);
  return innermost ? sizeOf(reduced.map((axis) => shape[axis]!)) : undefined;
}

/** Up to so many values in a row are added one after another. */
const FEW = 1024;

/**
 * Rows of `length` values each to one. In two steps of about sqrt(length) terms each: single precision would lose a digit
 * or two in a quarter of a million additions in a row.
 */
function reduceRows(g: GraphBuilder, op: 'ReduceSum' | 'ReduceMean', x: Value, length: number): Value {
  const rows = sizeOf(x.shape) / length;
  const inner = length <= FEW ? length : nearRoot(length);
  const first = lastAxis(g, op, reshape(g, x, [rows * (length / inner), inner]));
  return inner === length ? first : lastAxis(g, op, reshape(g, first, [rows, length / inner]));
}

function lastAxis(g: GraphBuilder, op: string, x: Value): Value {
  return g.node(op, [x, g.integers([1])], { shape: [x.shape[0]!], type: x.type }, { keepdims: 0 });
}

/** The smallest divisor that is at least the square root. */
function nearRoot(length: number): number {
  for (let divisor = Math.ceil(Math.sqrt(length)); divisor < length; divisor++)
    if (length % divisor === 0) return divisor;
  return length;
}

export function expand(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  return g.node('Expand', [x, g.integers(shape)], { shape: [...shape], type: x.type });
}

export function concat(g: GraphBuilder, parts: readonly Value[], axis: number): Value {
  const [first] = parts as [Value];
  if (parts.length === 1) return first;
  const size = parts.reduce((total, { shape }) => total + shape[axis]!, 0);
  const shape = first.shape.map((each, i) => (i === axis ? size : each));
  return g.node('Concat', parts, { shape, type: first.type }, { axis });
}

/** Pieces of the given sizes along an axis. */
export function split(g: GraphBuilder, x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((size) => ({
    shape: x.shape.map((each, i) => (i === axis ? size : each)),
    type: x.type,
  }));
  return g.nodeWith('Split', [x, g.integers(sizes)], outputs, { axis });
}

/** Entries `begin` to `begin + size` of each axis. */
export function slice(g: GraphBuilder, x: Value, begin: readonly number[], size: readonly number[]): Value {
  const axes = x.shape.flatMap((extent, axis) => (begin[axis] === 0 && size[axis] === extent ? [] : [axis]));
  if (axes.length === 0) return x;
  const starts = g.integers(axes.map((axis) => begin[axis]!));
  const ends = g.integers(axes.map((axis) => begin[axis]! + size[axis]!));
  return g.node('Slice', [x, starts, ends, g.integers(axes)], { shape: [...size], type: x.type });
}

/** Entries of an axis by constant indices. */
export function gather(g: GraphBuilder, x: Value, indices: readonly number[], axis: number): Value {
  if (indices.length === x.shape[axis] && indices.every((index, i) => index === i)) return x;
  const shape = x.shape.map((size, i) => (i === axis ? indices.length : size));
  return g.node('Gather', [x, g.integers(indices)], { shape, type: x.type }, { axis });
}

/** `amounts[axis]` = [before, after] of a value around every axis; a negative amount cuts. */
export function padAround(
  g: GraphBuilder,
  x: Value,
  amounts: readonly (readonly [number, number])[],
  value = 0,
): Value {
  const cutBegin = amounts.map(([before]) => Math.max(-before, 0));
  const cutSize = x.shape.map((size, i) => size - cutBegin[i]! - Math.max(-amounts[i]![1], 0));
  const cut = slice(g, x, cutBegin, cutSize);
  const before = amounts.map(([each]) => Math.max(each, 0));
  const after = amounts.map(([, each]) => Math.max(each, 0));
  if ([...before, ...after].every((each) => each === 0)) return cut;
  const shape = cut.shape.map((size, i) => size + before[i]! + after[i]!);
  const filler = x.type === 'int32' ? g.constant(Int32Array.of(value), []) : g.scalar(value);
  return g.node('Pad', [cut, g.integers([...before, ...after]), filler], { shape, type: x.type });
}

/**
 * Matrix product over the last two axes, leading ones as cases (repeated where 1). Transposed operands are multiplied as
 * they lie.
 */
export function matMul(g: GraphBuilder, a: Value, b: Value, transposeA = false, transposeB = false): Value {
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  if (!transposeA && !transposeB) return g.node('MatMul', [a, b], { shape, type: a.type });
  const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  return g.node('FusedMatMul', [a, b], { shape, type: a.type }, attributes, 'com.microsoft');
}

/** Sum over every axis. */
export function sumOfAll(g: GraphBuilder, x: Value): Value {
  return reduce(g, 'ReduceSum', reshape(g, x, [sizeOf(x.shape)]), [0]);
}
