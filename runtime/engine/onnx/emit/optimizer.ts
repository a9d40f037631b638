/**
 * `UnetGlobalNorm` and `UnetAdamW` over all weights of a network. Small weights are joined to one long row first: most of a
 * network's hundreds of weights are small, and a node for each would take longer than its numbers.
 */
import type { GraphBuilder } from '../graph/builder.js';
import { sizeOf, type Value } from '../graph/value.js';
import { add, concat, div, gather, mul, reshape, scale, split, sub, sumOfAll, unary } from './basic.js';
import { emitter, type Emitters, type Inputs } from './emitter.js';

/** Weights of fewer values are joined. */
const SMALL = 32_768;

interface AdamWAttributes {
  readonly count: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

function family(inputs: Inputs, name: string, count: number): Value[] {
  return Array.from({ length: count }, (_, i) => inputs[`${name}${i}`]!);
}

function flat(g: GraphBuilder, x: Value): Value {
  return reshape(g, x, [sizeOf(x.shape)]);
}

interface Partition {
  readonly small: readonly number[];
  readonly large: readonly number[];
}

function partition(values: readonly Value[]): Partition {
  const indices = [...values.keys()];
  return {
    small: indices.filter((i) => sizeOf(values[i]!.shape) < SMALL),
    large: indices.filter((i) => sizeOf(values[i]!.shape) >= SMALL),
  };
}

function joined(g: GraphBuilder, values: readonly Value[], indices: readonly number[]): Value {
  return concat(
    g,
    indices.map((i) => flat(g, values[i]!)),
    0,
  );
}

/**
 * onnxruntime walks a graph from its results and, where a node has several operands, computes first the one that was added
 * last. So the sums of squares are added in the reverse of the order in which the backward pass makes the gradients:
 * otherwise those of the weights would be put off to the end, with all that they need kept in memory until then.
 */
function globalNorm(g: GraphBuilder, gradients: readonly Value[]): Value {
  const lastMadeFirst = [...gradients].sort((a, b) => g.positionOf(b) - g.positionOf(a));
  const sums = lastMadeFirst.map((gradient) => {
    const row = flat(g, gradient);
    return reshape(g, sumOfAll(g, mul(g, row, row)), [1]);
  });
  return unary(g, 'Sqrt', sumOfAll(g, concat(g, sums, 0)));
}

interface State {
  readonly parameter: Value;
  readonly first: Value;
  readonly second: Value;
}

/** AdamW on values of one shape; `keep`, `rate` and `root` are scalars or of that shape (see `runtime/training/adamw-kernels`). */
function adamW(
  g: GraphBuilder,
  { parameter, first, second }: State,
  gradient: Value,
  [keep, rate, root]: readonly Value[],
  { beta1, beta2, epsilon }: AdamWAttributes,
): State {
  const m = add(g, scale(g, first, beta1), scale(g, gradient, 1 - beta1));
  const v = add(g, scale(g, second, beta2), scale(g, mul(g, gradient, gradient), 1 - beta2));
  const denominator = add(g, mul(g, unary(g, 'Sqrt', v), root!), g.scalar(epsilon));
  const moved = sub(g, mul(g, parameter, keep!), div(g, mul(g, m, rate!), denominator));
  return { parameter: moved, first: m, second: v };
}

function shaped(g: GraphBuilder, { parameter, first, second }: State, shape: readonly number[]): State {
  const bring = (value: Value): Value => reshape(g, value, shape);
  return { parameter: bring(parameter), first: bring(first), second: bring(second) };
}

function step(g: GraphBuilder, inputs: Inputs, attributes: AdamWAttributes): Value[] {
  const { count } = attributes;
  const [parameters, firsts, seconds, gradients] = ['p', 'm', 'v', 'g'].map((name) => family(inputs, name, count)) as [
    Value[],
    Value[],
    Value[],
    Value[],
  ];
  const rates = inputs['rates']!;
  const factor = inputs['scale']!;
  const columns = split(g, rates, [1, 1, 1], 1).map((column) => reshape(g, column, [count]));
  const results: State[] = [];
  const { small, large } = partition(parameters);
  const one = (i: number): Value[] => columns.map((column) => reshape(g, gather(g, column, [i], 0), []));
  for (const i of large) {
    const [parameter, first, second] = [parameters[i]!, firsts[i]!, seconds[i]!].map((each) => flat(g, each));
    const state = { parameter: parameter!, first: first!, second: second! };
    const next = adamW(g, state, mul(g, flat(g, gradients[i]!), factor), one(i), attributes);
    results[i] = shaped(g, next, parameters[i]!.shape);
  }
  if (small.length > 0) {
    const owner = Int32Array.from(small.flatMap((i) => Array<number>(sizeOf(parameters[i]!.shape)).fill(i)));
    const places = g.constant(owner, [owner.length]);
    const spread = columns.map((column) =>
      g.node('Gather', [column, places], { shape: [owner.length], type: 'float32' }, { axis: 0 }),
    );
    const state = {
      parameter: joined(g, parameters, small),
      first: joined(g, firsts, small),
      second: joined(g, seconds, small),
    };
    const next = adamW(g, state, mul(g, joined(g, gradients, small), factor), spread, attributes);
    const sizes = small.map((i) => sizeOf(parameters[i]!.shape));
    const pieces = [next.parameter, next.first, next.second].map((row) => split(g, row, sizes, 0));
    small.forEach((i, place) => {
      const [parameter, first, second] = pieces.map((list) => list[place]!);
      results[i] = shaped(g, { parameter: parameter!, first: first!, second: second! }, parameters[i]!.shape);
    });
  }
  return [
    ...results.map(({ parameter }) => parameter),
    ...results.map(({ first }) => first),
    ...results.map(({ second }) => second),
  ];
}

export const optimizers: Emitters = {
  UnetGlobalNorm: emitter<{ readonly count: number }>((g, inputs, { count }) =>
    globalNorm(g, family(inputs, 'g', count)),
  ),
  UnetAdamW: emitter<AdamWAttributes>((g, inputs, attributes) => step(g, inputs, attributes)),
};
