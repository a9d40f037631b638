/** Stock tfjs kernels that compute entry by entry. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import {
  add,
  binary,
  broadcastShape,
  cast,
  compare,
  mul,
  sub,
  unary,
  where,
  type BinaryOp,
  type CompareOp,
} from './basic.js';
import { emitter, listed, NotEmitted, type Emitter, type Emitters } from './emitter.js';

const ofTwo = (op: BinaryOp): Emitter =>
  emitter((g, { a, b }) => (op === 'Add' ? add(g, a!, b!) : op === 'Mul' ? mul(g, a!, b!) : binary(g, op, a!, b!)));

const ofOne = (op: string): Emitter => emitter((g, { x }) => unary(g, op, x!));

/** Whole numbers and truths become floats first, as tfjs has it. */
const ofOneFloat = (op: string): Emitter => emitter((g, { x }) => unary(g, op, cast(g, x!, 'float32')));

const comparison = (op: CompareOp): Emitter => emitter((g, { a, b }) => compare(g, op, a!, b!));

export const elementwise: Emitters = {
  Add: ofTwo('Add'),
  Sub: ofTwo('Sub'),
  Multiply: ofTwo('Mul'),
  RealDiv: ofTwo('Div'),
  Maximum: ofTwo('Max'),
  Minimum: ofTwo('Min'),
  Pow: ofTwo('Pow'),
  SquaredDifference: emitter((g, { a, b }) => {
    const difference = sub(g, a!, b!);
    return mul(g, difference, difference);
  }),
  AddN: emitter((g, inputs) => listed(inputs).reduce((total, each) => add(g, total, each))),

  Neg: ofOne('Neg'),
  Abs: ofOne('Abs'),
  Exp: ofOneFloat('Exp'),
  Log: ofOneFloat('Log'),
  Sqrt: ofOneFloat('Sqrt'),
  Erf: ofOneFloat('Erf'),
  Relu: ofOne('Relu'),
  Sigmoid: ofOneFloat('Sigmoid'),
  Tanh: ofOneFloat('Tanh'),
  Reciprocal: ofOneFloat('Reciprocal'),
  Floor: ofOne('Floor'),
  Ceil: ofOne('Ceil'),
  Sign: ofOne('Sign'),
  Sin: ofOneFloat('Sin'),
  Cos: ofOneFloat('Cos'),
  Square: emitter((g, { x }) => mul(g, x!, x!)),
  Rsqrt: emitter((g, { x }) => unary(g, 'Reciprocal', unary(g, 'Sqrt', x!))),
  Log1p: emitter((g, { x }) => unary(g, 'Log', add(g, x!, g.scalar(1)))),
  Expm1: emitter((g, { x }) => sub(g, unary(g, 'Exp', x!), g.scalar(1))),

  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: emitter((g, { a, b }) => unary(g, 'Not', compare(g, 'Equal', a!, b!))),
  LogicalNot: ofOne('Not'),
  LogicalAnd: emitter((g, { a, b }) => logical(g, 'And', a!, b!)),
  LogicalOr: emitter((g, { a, b }) => logical(g, 'Or', a!, b!)),
  Select: emitter((g, { condition, t, e }) => where(g, condition!, t!, e!)),
  Cast: emitter<{ readonly dtype: string }>((g, { x }, { dtype }) => {
    if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return cast(g, x!, dtype);
    throw new NotEmitted(`a conversion to ${dtype}`);
  }),
  ZerosLike: emitter((g, { x }) => filled(g, x!, 0)),
  OnesLike: emitter((g, { x }) => filled(g, x!, 1)),
};

function logical(g: GraphBuilder, op: 'And' | 'Or', a: Value, b: Value): Value {
  return g.node(op, [a, b], { shape: broadcastShape(a.shape, b.shape), type: 'bool' });
}

function filled(g: GraphBuilder, { shape, type }: Value, value: number): Value {
  const size = shape.reduce((total, each) => total * each, 1);
  const data =
    type === 'float32' ? new Float32Array(size) : type === 'int32' ? new Int32Array(size) : new Uint8Array(size);
  return g.constant(data.fill(value), shape);
}
