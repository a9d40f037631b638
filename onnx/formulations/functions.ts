/** Functions of one number, applied to each entry, with the gradients that have kernels of their own. */
import type { GraphBuilder } from '../builder.js';
import type { Size, Value } from '../graph.js';
import { add, binary, cast, compare, mul, scale, sub, unary, where } from './elementwise.js';
import { reduce } from './reductions.js';
import { alongChannels, type Weight } from './shaping.js';

interface Options {
  /** The factor below zero; `leaky_relu` alone has one. */
  readonly slope?: number | undefined;
}

/** Adds the nodes of a function and returns its values. */
export type FunctionFormulation = <S extends Size>(g: GraphBuilder, x: Value<S>, options?: Options) => Value<S>;

/** A function that is one operator, for operands of any number type. */
const operator =
  (op: string): FunctionFormulation =>
  (g, x) =>
    unary(g, op, x);

/** A function that is one operator on floats: integers and booleans are converted first. */
const ofFloats =
  (op: string): FunctionFormulation =>
  (g, x) =>
    unary(g, op, cast(g, x, 'float32'));

/** Every function by its name: those of the language, and those of tfjs that gradients and losses use. */
export const functions = {
  abs: operator('Abs'),
  ceil: operator('Ceil'),
  cos: ofFloats('Cos'),
  elu: ofFloats('Elu'),
  erf: ofFloats('Erf'),
  exp: ofFloats('Exp'),
  expm1: (g, x) => sub(g, unary(g, 'Exp', x), g.scalar(1)),
  floor: operator('Floor'),
  gelu,
  leaky_relu: (g, x, { slope = 0.01 } = {}) => unary(g, 'LeakyRelu', x, { alpha: { float: slope } }),
  log: ofFloats('Log'),
  log1p: (g, x) => unary(g, 'Log', add(g, x, g.scalar(1))),
  logical_not: operator('Not'),
  negate: operator('Neg'),
  reciprocal: ofFloats('Reciprocal'),
  relu: operator('Relu'),
  rsqrt: (g, x) => unary(g, 'Reciprocal', unary(g, 'Sqrt', x)),
  sigmoid: ofFloats('Sigmoid'),
  sign: operator('Sign'),
  silu: (g, x) => binary(g, 'Mul', x, unary(g, 'Sigmoid', x)),
  sin: ofFloats('Sin'),
  softplus: ofFloats('Softplus'),
  sqrt: ofFloats('Sqrt'),
  square: (g, x) => mul(g, x, x),
  tanh: ofFloats('Tanh'),
} as const satisfies Readonly<Record<string, FunctionFormulation>>;

/** x * (1 + erf(x / sqrt(2))) / 2: the operator Gelu from version 20 on, before it the form that runtimes can fuse. */
function gelu<S extends Size>(g: GraphBuilder, x: Value<S>): Value<S> {
  if (g.target.opset >= 20) return unary(g, 'Gelu', x);
  const error = unary(g, 'Erf', binary(g, 'Div', x, g.scalar(Math.SQRT2)));
  const doubled = mul(g, x, add(g, error, g.scalar(1)));
  return scale(g, doubled, 0.5);
}

/** The derivative of gelu: Phi(x) + x phi(x), with 1/2 erf(x / sqrt 2) + 1/2 and exp(-x^2 / 2) / sqrt(2 pi). */
export function geluSlope(g: GraphBuilder, x: Value): Value {
  const error = unary(g, 'Erf', scale(g, x, Math.SQRT1_2));
  const phi = add(g, scale(g, error, 0.5), g.scalar(0.5));
  const bell = unary(g, 'Exp', scale(g, mul(g, x, x), -0.5));
  return add(g, phi, scale(g, mul(g, x, bell), 1 / Math.sqrt(2 * Math.PI)));
}

/** 1 above zero, `alpha` elsewhere. The gradient of relu asks for it; if relu's result exists, its sign is the same. */
export function step(g: GraphBuilder, x: Value, alpha: number): Value {
  const seen = g.existing('Relu', [x]) ?? cast(g, x, 'float32');
  const above = cast(g, compare(g, 'Greater', seen, g.scalar(0)), 'float32');
  return alpha === 0 ? above : add(g, scale(g, above, 1 - alpha), g.scalar(alpha));
}

/** max(x, 0) + slope[c] * min(x, 0); `slope` has a value for each channel, or one for all. */
export function prelu<S extends Size>(g: GraphBuilder, x: Value<S>, slope: Weight, shared = false): Value<S> {
  const shape = shared ? alongChannels(x).map(() => 1) : alongChannels(x);
  return g.node('PRelu', [x, slope(shape)], { shape: x.shape, type: x.type });
}

/** The gradient of `prelu` with respect to x. */
export function preluInput(g: GraphBuilder, dy: Value, x: Value, slope: Weight): Value {
  const above = compare(g, 'Greater', x, g.scalar(0));
  return mul(g, dy, where(g, above, g.scalar(1), slope(alongChannels(x))));
}

/** The gradient of `prelu` with respect to the slope, `[C]`. */
export function preluSlope(g: GraphBuilder, dy: Value, x: Value): Value {
  const products = mul(g, dy, binary(g, 'Min', x, g.scalar(0)));
  return reduce(g, 'ReduceSum', products, [0, ...x.shape.slice(2).map((_, i) => i + 2)]);
}
