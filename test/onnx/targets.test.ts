/** One formulation computes the same for every target: run by onnxruntime, held against a formula in doubles. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../onnx/builder.js';
import { encodeModel } from '../../onnx/encode.js';
import { functions } from '../../onnx/formulations/functions.js';
import { groupNorm, layerNorm } from '../../onnx/formulations/norms.js';
import { linear } from '../../onnx/formulations/products.js';
import { reduce, softmax } from '../../onnx/formulations/reductions.js';
import { transposedConv } from '../../onnx/formulations/convolutions.js';
import type { AnyValue, Size, Value } from '../../onnx/graph.js';
import { cpuEngine, exportedFile, type Target } from '../../onnx/target.js';
import { runOnnx } from '../../runtime/export/run-onnx.js';
import { randomStream } from '../../runtime/random/random-stream.js';

const targets = { cpuEngine, exportedFile };

type Formulation = (g: GraphBuilder, x: Value<Size>) => AnyValue;

/** The values that a formulation computes of `x`; the exported file does not know the sizes of the batch and of space. */
function computed(target: Target, shape: readonly number[], x: Float32Array, formulation: Formulation): Float32Array {
  const g = new GraphBuilder(target, ['x', 'y']);
  const sizes = target === cpuEngine ? shape : shape.map((size, axis) => (axis === 1 ? size : `s${axis}`));
  const y = formulation(g, g.input<Size>('x', sizes, 'float32'));
  const bytes = encodeModel(g.finish([g.copy(y, 'y')]));
  return runOnnx(bytes, new Map([['x', { shape, data: x }]])).get('y')!.data as Float32Array;
}

function normals(count: number, name: string): Float32Array {
  const random = randomStream(1, 'targets', name);
  return Float32Array.from({ length: count }, () => random.normal());
}

const worst = (a: Float32Array, b: ArrayLike<number>): number =>
  a.length === b.length ? a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) : Infinity;

/** The error function by its series, exact to double precision below 4. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const formulas: { readonly [K in Exclude<keyof typeof functions, 'logical_not'>]: (x: number) => number } = {
  abs: Math.abs,
  ceil: Math.ceil,
  cos: Math.cos,
  elu: (x) => (x > 0 ? x : Math.exp(x) - 1),
  erf,
  exp: Math.exp,
  expm1: Math.expm1,
  floor: Math.floor,
  gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
  leaky_relu: (x) => (x > 0 ? x : 0.01 * x),
  log: Math.log,
  log1p: Math.log1p,
  negate: (x) => -x,
  reciprocal: (x) => 1 / x,
  relu: (x) => Math.max(x, 0),
  rsqrt: (x) => 1 / Math.sqrt(x),
  sigmoid,
  sign: Math.sign,
  silu: (x) => x * sigmoid(x),
  sin: Math.sin,
  softplus: (x) => Math.log1p(Math.exp(x)),
  sqrt: Math.sqrt,
  square: (x) => x * x,
  tanh: Math.tanh,
};

const ofPositive = ['log', 'log1p', 'reciprocal', 'rsqrt', 'sqrt'];

describe.each(Object.entries(targets))('for %s', (_, target) => {
  it.each(Object.entries(formulas))('%s', (name, formula) => {
    const x = normals(64, 'function').map((value) => (ofPositive.includes(name) ? Math.abs(value) + 0.2 : value));
    const y = computed(target, [8, 8], x, (g, value) => functions[name as keyof typeof formulas](g, value));
    expect(worst(y, Float64Array.from(x, formula))).toBeLessThan(2e-6);
  });
});

/** What one formulation gives for both targets. */
function both(shape: readonly number[], formulation: Formulation): readonly [Float32Array, Float32Array] {
  const size = shape.reduce((a, b) => a * b, 1);
  const x = normals(size, 'operand');
  return [computed(cpuEngine, shape, x, formulation), computed(exportedFile, shape, x, formulation)];
}

const weight =
  (g: GraphBuilder, name: string) =>
  (shape: readonly number[]): Value =>
    g.constant(
      normals(
        shape.reduce((a, b) => a * b, 1),
        name,
      ),
      shape,
    );

const affine = (g: GraphBuilder) => ({ scale: weight(g, 'scale'), shift: weight(g, 'shift') });
const window = { stride: [2, 3], dilation: [1, 1], pad: [[0, 0], [1, 1]] } as const; // prettier-ignore

const shared: readonly (readonly [string, readonly number[], Formulation])[] = [
  ['group norm', [2, 4, 3, 5], (g, x) => groupNorm(g, x, { groups: 2, epsilon: 1e-5 }, affine(g))],
  ['group norm without factors', [2, 4, 6], (g, x) => groupNorm(g, x, { groups: 4, epsilon: 1e-5 }, undefined)],
  ['layer norm', [2, 4, 3, 5], (g, x) => layerNorm(g, x, 1e-5, affine(g))],
  ['layer norm without factors', [3, 5], (g, x) => layerNorm(g, x, 1e-5, undefined)],
  ['a linear layer', [2, 4, 3, 5], (g, x) => linear(g, x, weight(g, 'w'), weight(g, 'bias'), 6)],
  ['a sum over several axes', [2, 4, 3, 5], (g, x) => reduce(g, 'ReduceSum', x, [2, 0])],
  ['a softmax over several axes', [2, 4, 3, 5], (g, x) => softmax(g, x, [1, 3])],
  [
    'a transposed convolution',
    [2, 4, 3, 5],
    (g, x) => {
      const filter = { out: 2, kernel: [2, 3], groups: 1 };
      return transposedConv(g, x, weight(g, 'w'), weight(g, 'bias'), window, filter, [6, 13]);
    },
  ],
];

it.each(shared)('%s is the same for both targets', (_, shape, formulation) => {
  const [found, expected] = both(shape, formulation);
  expect(expected.some((value) => value !== 0)).toBe(true);
  expect(worst(found, expected)).toBeLessThan(1e-5);
});
