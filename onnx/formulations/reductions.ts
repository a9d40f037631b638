/** Sums, means and extremes over axes. Float32 sums are sums of partial sums, because one long sum loses digits. */
import { isTuned, type GraphBuilder } from '../builder.js';
import { sizeOf, type Size, type Value } from '../graph.js';
import { div, sub, unary } from './elementwise.js';
import { reshape } from './shaping.js';

export type ReduceOp = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

/** The operators of the language's reductions. */
export const reduceOperators = {
  mean: 'ReduceMean',
  sum: 'ReduceSum',
  max: 'ReduceMax',
} as const satisfies Readonly<Record<string, ReduceOp>>;

interface ReduceOptions {
  /** Whether reduced axes stay, with size 1. */
  readonly keep?: boolean;
}

/** Over no axes, `x` itself. */
export function reduce<S extends Size>(
  g: GraphBuilder,
  op: ReduceOp,
  x: Value<S>,
  axes: readonly number[],
  options: ReduceOptions = {},
): Value<S> {
  if (isTuned(g, x)) return reduceStatic(g, op, x, axes, options) as Value<S>;
  // Axis by axis, innermost first; a node without axes would reduce all of them.
  return axes.toSorted((a, b) => b - a).reduce((result, axis) => reduceNode(g, op, result, [axis], options), x);
}

function reducedShape<S extends Size>(shape: readonly S[], axes: readonly number[], keep: boolean): readonly S[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1 as S] : []) : [size]));
}

/** Axes are an operand of ReduceSum from version 13 on, and of the others from version 18 on. */
function reduceNode<S extends Size>(
  g: GraphBuilder,
  op: ReduceOp,
  x: Value<S>,
  axes: readonly number[],
  { keep = false }: ReduceOptions = {},
): Value<S> {
  const output = { shape: reducedShape(x.shape, axes, keep), type: x.type };
  const keepdims = keep ? 1 : 0;
  const asOperand = g.target.opset >= (op === 'ReduceSum' ? 13 : 18);
  if (asOperand) return g.node(op, [x, g.integers(axes)], output, { keepdims });
  return g.node(op, [x], output, { axes, keepdims });
}

function reduceStatic(
  g: GraphBuilder,
  op: ReduceOp,
  x: Value,
  axes: readonly number[],
  { keep = false }: ReduceOptions,
): Value {
  const shape = reducedShape(x.shape, axes, keep);
  // One value per result: nothing to add up, and a reduction would copy.
  if (axes.every((axis) => x.shape[axis] === 1)) return reshape(g, x, shape);
  if ((op === 'ReduceSum' || op === 'ReduceMean') && x.type === 'float32') {
    const inner = innerReduction(x, axes);
    if (inner !== undefined) return reshape(g, reduceRows(g, op, x, inner), shape);
  }
  return reduceNode(g, op, x, axes, { keep });
}

/** The number of adjacent values that are reduced to one if the axes are the innermost ones, ignoring those of size 1. */
function innerReduction({ shape }: Value, axes: readonly number[]): number | undefined {
  const wide = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const reduced = wide.filter((axis) => axes.includes(axis));
  const innermost = reduced.every((axis, i) => wide[wide.length - reduced.length + i] === axis);
  return innermost ? sizeOf(reduced.map((axis) => shape[axis]!)) : undefined;
}

/** Up to this many adjacent values are added one after another. */
const FEW = 1024;

/**
 * Rows of `length` values each to one. In two steps of about sqrt(length) terms each: single precision would lose a digit
 * or two in a quarter of a million additions in a row.
 */
function reduceRows(g: GraphBuilder, op: 'ReduceSum' | 'ReduceMean', x: Value, length: number): Value {
  const rows = sizeOf(x.shape) / length;
  const inner = length <= FEW ? length : nearRoot(length);
  const first = reduceNode(g, op, reshape(g, x, [rows * (length / inner), inner]), [1]);
  return inner === length ? first : reduceNode(g, op, reshape(g, first, [rows, length / inner]), [1]);
}

/** The smallest divisor that is at least the square root. */
function nearRoot(length: number): number {
  for (let divisor = Math.ceil(Math.sqrt(length)); divisor < length; divisor++)
    if (length % divisor === 0) return divisor;
  return length;
}

/** The sum over every axis. */
export function sumOfAll(g: GraphBuilder, x: Value): Value {
  return reduce(g, 'ReduceSum', reshape(g, x, [sizeOf(x.shape)]), [0]);
}

/** The sum of `[outer, count, inner]` over the axis in the middle. */
export function sumOverMiddle(g: GraphBuilder, x: Value): Value {
  const [outer, count, inner] = x.shape as [number, number, number];
  if (inner !== 1) return reduce(g, 'ReduceSum', x, [1]);
  return reshape(g, reduce(g, 'ReduceSum', reshape(g, x, [outer, count]), [1]), [outer, 1]);
}

/** exp(x) / sum(exp(x)) over all of `axes` together; over several by that formula, with the largest value subtracted first. */
export function softmax<S extends Size>(g: GraphBuilder, x: Value<S>, axes: readonly number[]): Value<S> {
  const [only] = axes;
  if (axes.length === 1 && only !== undefined) return unary(g, 'Softmax', x, { axis: only });
  const powers = unary(g, 'Exp', sub(g, x, reduce(g, 'ReduceMax', x, axes, { keep: true })));
  return div(g, powers, reduce(g, 'ReduceSum', powers, axes, { keep: true }));
}
