import type { BinaryOperator, UnaryFunction } from '../../../../contract/functions.js';
import { axisOf, names, operand, perChannel, type Emitter, type Tensor } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';

/** Functions that are one operator without attributes. */
const operators: Readonly<Partial<Record<UnaryFunction, string>>> = {
  relu: 'Relu',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  softplus: 'Softplus',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  abs: 'Abs',
  negate: 'Neg',
};

export const unary: Emitter<'unary'> = ({ function: name, slope }, emission) => {
  const { graph } = emission;
  const { value } = operand(emission, 0);
  if (name === 'gelu') return gelu(graph, value);
  if (name === 'silu') return graph.node('Mul', [value, graph.node('Sigmoid', [value])]);
  if (name === 'leaky_relu') return graph.node('LeakyRelu', [value], { alpha: { float: slope ?? 0.01 } });
  const operator = operators[name];
  if (operator === undefined) throw new Error(`no operator for ${name}`);
  return graph.node(operator, [value]);
};

/** x * (1 + erf(x / sqrt(2))) / 2, in the form that runtimes know to fuse; Gelu itself is of operator set 20. */
function gelu(graph: GraphBuilder, x: Value): Value {
  const error = graph.node('Erf', [graph.node('Div', [x, graph.scalar(Math.SQRT2)])]);
  const doubled = graph.node('Mul', [x, graph.node('Add', [error, graph.scalar(1)])]);
  return graph.node('Mul', [doubled, graph.scalar(0.5)]);
}

export const prelu: Emitter<'prelu'> = (_, emission) => {
  const x = operand(emission, 0);
  return emission.graph.node('PRelu', [x.value, emission.weight('slope', perChannel(x))]);
};

const binaryOperators: Readonly<Record<BinaryOperator, string>> = {
  '+': 'Add',
  '-': 'Sub',
  '*': 'Mul',
  '/': 'Div',
  min: 'Min',
  max: 'Max',
};

export const binary: Emitter<'binary'> = ({ operator }, emission) => {
  const target = names(emission);
  const sides = [operand(emission, 0), operand(emission, 1)].map((side) => aligned(emission.graph, side, target));
  return emission.graph.node(binaryOperators[operator], sides);
};

/** A tensor with its axes in the order of `target`, and axes of size 1 for those it lacks. */
function aligned(graph: GraphBuilder, x: Tensor, target: readonly string[]): Value {
  const order = target.filter((name) => names(x).includes(name));
  const turned = permuted(graph, x, order);
  const absent = target.flatMap((name, index) => (order.includes(name) ? [] : [index + 1]));
  // A scalar without batch is joined with anything as it is.
  const bare = absent.length === 0 || (order.length === 0 && !x.batched);
  return bare ? turned : graph.node('Unsqueeze', [turned, graph.integers(absent)]);
}

/** A tensor with all its axes in another order. */
export function permuted(graph: GraphBuilder, x: Tensor, order: readonly string[]): Value {
  const perm = [0, ...order.map((name) => axisOf(x, name))];
  return perm.every((place, index) => place === index) ? x.value : graph.node('Transpose', [x.value], { perm });
}

export const scalar: Emitter<'scalar'> = ({ operator, value, reversed }, emission) => {
  const { graph } = emission;
  const sides = [operand(emission, 0).value, graph.scalar(value)];
  return graph.node(operator === 'power' ? 'Pow' : binaryOperators[operator], reversed ? sides.reverse() : sides);
};
