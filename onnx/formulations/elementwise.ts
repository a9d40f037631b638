/** Operators that compute entry by entry. Those without effect add no node. */
import { isFilledWith, type GraphBuilder } from '../builder.js';
import { ELEMENT_TYPES } from '../encode.js';
import { sameShape, sizeOf, type ElementType, type Size, type Value } from '../graph.js';

/** The shape of the result of an operator that repeats axes of size 1. */
export function broadcastShape<S extends Size>(a: readonly S[], b: readonly S[]): readonly S[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? (1 as S);
    const right = b[b.length - rank + axis] ?? (1 as S);
    return left === 1 ? right : left;
  });
}

export type BinaryOp = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min' | 'Pow';
export type CompareOp = 'Greater' | 'GreaterOrEqual' | 'Less' | 'LessOrEqual' | 'Equal' | 'And' | 'Or';

/** The operators of the language, with `power`. */
export const binaryOperators = {
  '+': 'Add',
  '-': 'Sub',
  '*': 'Mul',
  '/': 'Div',
  min: 'Min',
  max: 'Max',
  power: 'Pow',
} as const satisfies Readonly<Record<string, BinaryOp>>;

export function binary<S extends Size>(g: GraphBuilder, op: BinaryOp, a: Value<S>, b: Value<S>): Value<S> {
  return g.node(op, [a, b], { shape: broadcastShape(a.shape, b.shape), type: a.type });
}

export function add<S extends Size>(g: GraphBuilder, a: Value<S>, b: Value<S>): Value<S> {
  return unlessNeutral(g, 'Add', 0, a, b);
}

export function mul<S extends Size>(g: GraphBuilder, a: Value<S>, b: Value<S>): Value<S> {
  return unlessNeutral(g, 'Mul', 1, a, b);
}

/** The other operand if one is filled with the operator's neutral element and repeats nothing. */
function unlessNeutral<S extends Size>(
  g: GraphBuilder,
  op: 'Add' | 'Mul',
  neutral: number,
  a: Value<S>,
  b: Value<S>,
): Value<S> {
  const shape = broadcastShape(a.shape, b.shape);
  if (isFilledWith(g, b, neutral) && sameShape(shape, a.shape)) return a;
  if (isFilledWith(g, a, neutral) && sameShape(shape, b.shape)) return b;
  return binary(g, op, a, b);
}

export function sub<S extends Size>(g: GraphBuilder, a: Value<S>, b: Value<S>): Value<S> {
  return binary(g, 'Sub', a, b);
}

export function div<S extends Size>(g: GraphBuilder, a: Value<S>, b: Value<S>): Value<S> {
  return binary(g, 'Div', a, b);
}

/** `a` times a number. */
export function scale<S extends Size>(g: GraphBuilder, a: Value<S>, factor: number): Value<S> {
  return factor === 1 ? a : mul(g, a, g.scalar(factor));
}

/** An operator of one operand that keeps its shape and type. */
export function unary<S extends Size>(
  g: GraphBuilder,
  op: string,
  x: Value<S>,
  attributes: Parameters<GraphBuilder['node']>[3] = {},
): Value<S> {
  return g.node(op, [x], { shape: x.shape, type: x.type }, attributes);
}

/** A comparison, or a combination of two booleans. */
export function compare<S extends Size>(g: GraphBuilder, op: CompareOp, a: Value<S>, b: Value<S>): Value<S> {
  return g.node(op, [a, b], { shape: broadcastShape(a.shape, b.shape), type: 'bool' });
}

export function cast<S extends Size>(g: GraphBuilder, x: Value<S>, type: ElementType): Value<S> {
  return x.type === type ? x : g.node('Cast', [x], { shape: x.shape, type }, { to: ELEMENT_TYPES[type] });
}

/** `yes` where the condition holds, `no` elsewhere. */
export function where<S extends Size>(g: GraphBuilder, condition: Value<S>, yes: Value<S>, no: Value<S>): Value<S> {
  const shape = broadcastShape(condition.shape, broadcastShape(yes.shape, no.shape));
  return g.node('Where', [condition, yes, no], { shape, type: yes.type });
}

/** A constant of the same shape and type, filled with one number. */
export function filled(g: GraphBuilder, { shape, type }: Value, number: number): Value {
  const size = sizeOf(shape);
  const data =
    type === 'float32' ? new Float32Array(size) : type === 'int32' ? new Int32Array(size) : new Uint8Array(size);
  return g.constant(data.fill(number), shape);
}
