import * as tf from '@tensorflow/tfjs';
import { it } from 'vitest';
import type { ScalarConfig, UnaryConfig } from '../../../runtime/layers/configs.js';
import * as layers from './classes.js';
import { positions } from '../ops/naive-conv.js';
import { onEveryBackend } from '../ops/support.js';
import { checkLayer, type LayerCase } from './harness.js';

const awayFromZero = (x: tf.Tensor): tf.Tensor => tf.add(x, tf.mul(tf.sign(x), 0.1));
const positive = (x: tf.Tensor): tf.Tensor => tf.add(tf.abs(x), 0.5);

/** Each entry of the result by its index vector. */
function built(shape: number[], value: (index: number[]) => number): tf.Tensor {
  const buffer = tf.buffer(shape);
  for (const index of positions(shape)) buffer.set(value(index), ...index);
  return buffer.toTensor();
}

/** A function of the numbers alone. */
function mapped(x: tf.Tensor, f: (value: number) => number): tf.Tensor {
  return tf.tensor(Float32Array.from(x.dataSync(), f), x.shape);
}

/** Abramowitz and Stegun 7.1.5: the series, in double precision. */
function erf(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const functions: Record<UnaryConfig['function'], readonly [(x: number) => number, typeof positive]> = {
  relu: [(x) => Math.max(x, 0), awayFromZero],
  leaky_relu: [(x) => (x > 0 ? x : 0.2 * x), awayFromZero],
  elu: [(x) => (x > 0 ? x : Math.expm1(x)), awayFromZero],
  gelu: [(x) => (x / 2) * (1 + erf(x / Math.SQRT2)), (x) => tf.mul(x, 1.5)],
  silu: [(x) => x / (1 + Math.exp(-x)), (x) => x],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x) => x],
  tanh: [Math.tanh, (x) => x],
  softplus: [(x) => Math.log1p(Math.exp(x)), awayFromZero],
  exp: [Math.exp, (x) => x],
  log: [Math.log, positive],
  sqrt: [Math.sqrt, positive],
  abs: [Math.abs, awayFromZero],
  negate: [(x) => -x, (x) => x],
};

const unaryCases = Object.entries(functions).map(([name, [f, domain]]): [string, LayerCase] => [
  name,
  {
    layer: () => new layers.Unary({ name: 'act', function: name as keyof typeof functions, slope: 0.2 }),
    inputs: [[2, 3, 2, 4, 3]],
    output: [2, 3, 2, 4, 3],
    domain,
    expected: ([x]) => mapped(x!, f),
  },
]);

onEveryBackend('unary', () => {
  it.each(unaryCases)('%s', (_, given) => checkLayer(given));
});

const image = ['C', 'D', 'H', 'W'] as const;

const binaryCases: Record<string, LayerCase> = {
  '+ of the same axes': {
    layer: () =>
      new layers.Binary({
        name: 'b',
        operator: '+',
        axes: [
          ['C', 'N'],
          ['C', 'N'],
        ],
      }),
    inputs: [
      [2, 3, 4],
      [2, 3, 4],
    ],
    output: [2, 3, 4],
    expected: ([a, b]) => tf.add(a!, b!),
  },
  '- in another order': {
    layer: () =>
      new layers.Binary({
        name: 'b',
        operator: '-',
        axes: [
          ['C', 'H', 'W'],
          ['W', 'C', 'H'],
        ],
      }),
    inputs: [
      [2, 3, 4, 5],
      [2, 5, 3, 4],
    ],
    output: [2, 3, 4, 5],
    expected: ([a, b]) => tf.sub(a!, tf.transpose(b!, [0, 2, 3, 1])),
  },
  '* by a gate of channels': {
    layer: () => new layers.Binary({ name: 'b', operator: '*', axes: [image, ['C']] }),
    inputs: [
      [2, 3, 2, 4, 3],
      [2, 3],
    ],
    output: [2, 3, 2, 4, 3],
    expected: ([a, b]) => tf.mul(a!, b!.reshape([2, 3, 1, 1, 1])),
  },
  '* by a mask of one channel': {
    layer: () =>
      new layers.Binary({
        name: 'b',
        operator: '*',
        axes: [
          ['C', 'H', 'W'],
          ['C', 'H', 'W'],
        ],
      }),
    inputs: [
      [2, 1, 4, 3],
      [2, 3, 4, 3],
    ],
    output: [2, 3, 4, 3],
    expected: ([a, b]) => tf.mul(a!, b!),
  },
  '+ of [C, D] and all': {
    layer: () => new layers.Binary({ name: 'b', operator: '+', axes: [['C', 'D'], image] }),
    inputs: [
      [2, 3, 2],
      [2, 3, 2, 4, 3],
    ],
    output: [2, 3, 2, 4, 3],
    expected: ([a, b]) => tf.add(a!.reshape([2, 3, 2, 1, 1]), b!),
  },
  '/ by a param without cases': {
    layer: () =>
      new layers.Binary({
        name: 'b',
        operator: '/',
        axes: [
          ['C', 'H'],
          ['H', 'C'],
        ],
      }),
    inputs: [
      [2, 3, 4],
      [1, 4, 3],
    ],
    unbatched: [1],
    output: [2, 3, 4],
    domain: positive,
    expected: ([a, b]) => tf.div(a!, tf.transpose(b!, [0, 2, 1])),
  },
  min: {
    layer: () => new layers.Binary({ name: 'b', operator: 'min', axes: [['C', 'H'], ['C']] }),
    inputs: [
      [2, 3, 4],
      [2, 3],
    ],
    output: [2, 3, 4],
    expected: ([a, b]) => tf.minimum(a!, b!.expandDims(2)),
  },
  max: {
    layer: () =>
      new layers.Binary({
        name: 'b',
        operator: 'max',
        axes: [
          ['C', 'H'],
          ['C', 'H'],
        ],
      }),
    inputs: [
      [2, 3, 4],
      [2, 3, 4],
    ],
    output: [2, 3, 4],
    expected: ([a, b]) => tf.maximum(a!, b!),
  },
};
const scalarCases = (
  [
    ['+', 2.5, false, (x) => x + 2.5],
    ['-', 2.5, false, (x) => x - 2.5],
    ['-', 2.5, true, (x) => 2.5 - x],
    ['*', -3, false, (x) => -3 * x],
    ['/', 4, false, (x) => x / 4],
    ['/', 4, true, (x) => 4 / x],
    ['min', 0, false, (x) => Math.min(x, 0)],
    ['max', 0, false, (x) => Math.max(x, 0)],
    ['power', 2, false, (x) => x * x],
    ['power', 1.7, false, (x) => x ** 1.7],
    ['power', -0.5, false, (x) => x ** -0.5],
    ['power', 2, true, (x) => 2 ** x],
  ] as [ScalarConfig['operator'], number, boolean, (x: number) => number][]
).map(([operator, value, reversed, f]): [string, LayerCase] => [
  `${operator} ${value}${reversed ? ' reversed' : ''}`,
  {
    layer: () => new layers.Scalar({ name: 's', operator, value, reversed }),
    inputs: [[2, 3, 4, 2]],
    output: [2, 3, 4, 2],
    domain: positive,
    expected: ([x]) => mapped(x!, f),
  },
]);

onEveryBackend('arithmetic', () => {
  it.each([...Object.entries(binaryCases), ...scalarCases])('%s', (_, given) => checkLayer(given));
});

const namedCases: Record<string, LayerCase> = {
  'softmax over channels': {
    layer: () => new layers.Softmax({ name: 's', axes: [['C', 'H', 'W']], over: ['C'] }),
    inputs: [[2, 3, 4, 2]],
    output: [2, 3, 4, 2],
    expected: ([x]) => tf.transpose(tf.softmax(tf.transpose(x!, [0, 2, 3, 1])), [0, 3, 1, 2]),
  },
  'softmax over two axes': {
    layer: () => new layers.Softmax({ name: 's', axes: [['C', 'H', 'W']], over: ['C', 'W'] }),
    inputs: [[2, 3, 4, 2]],
    output: [2, 3, 4, 2],
    expected: ([x]) =>
      tf.transpose(tf.softmax(tf.transpose(x!, [0, 2, 1, 3]).reshape([2, 4, 6])).reshape([2, 4, 3, 2]), [0, 2, 1, 3]),
  },
  'mean over space': {
    layer: () => new layers.Reduce({ name: 'r', function: 'mean', axes: [image], over: ['D', 'H', 'W'] }),
    inputs: [[2, 3, 2, 4, 3]],
    output: [2, 3],
    expected: ([x]) => tf.mean(x!, [2, 3, 4]),
  },
  'mean over channels': {
    layer: () => new layers.Reduce({ name: 'r', function: 'mean', axes: [image], over: ['C'] }),
    inputs: [[2, 3, 2, 4, 3]],
    output: [2, 2, 4, 3],
    expected: ([x]) => tf.mean(x!, 1),
  },
  'sum over axes apart': {
    layer: () => new layers.Reduce({ name: 'r', function: 'sum', axes: [image], over: ['D', 'W'] }),
    inputs: [[2, 3, 2, 4, 3]],
    output: [2, 3, 4],
    expected: ([x]) => tf.sum(x!, [2, 4]),
  },
  'mean over all': {
    layer: () => new layers.Reduce({ name: 'r', function: 'mean', axes: [['C', 'H']], over: ['C', 'H'] }),
    inputs: [[2, 3, 5]],
    output: [2],
    expected: ([x]) => tf.mean(x!, [1, 2]),
  },
  'max over space': {
    layer: () => new layers.Reduce({ name: 'r', function: 'max', axes: [image], over: ['H', 'D', 'W'] }),
    inputs: [[2, 3, 2, 4, 3]],
    output: [2, 3],
    expected: ([x]) => tf.max(x!, [2, 3, 4]),
  },
  'concat of three': {
    layer: () =>
      new layers.Concat({
        name: 'c',
        axes: [
          ['C', 'H', 'W'],
          ['C', 'H', 'W'],
          ['C', 'W', 'H'],
        ],
      }),
    inputs: [
      [2, 3, 4, 2],
      [2, 1, 4, 2],
      [2, 2, 2, 4],
    ],
    output: [2, 6, 4, 2],
    expected: ([a, b, c]) => tf.concat([a!, b!, tf.transpose(c!, [0, 1, 3, 2])], 1),
  },
  'einsum: attention scores by head': {
    layer: () =>
      new layers.Einsum({
        name: 'e',
        axes: [
          ['H', 'E', 'Q'],
          ['H', 'E', 'K'],
        ],
        into: ['H', 'Q', 'K'],
      }),
    inputs: [
      [2, 2, 3, 4],
      [2, 2, 3, 5],
    ],
    output: [2, 2, 4, 5],
    expected: ([a, b]) =>
      built([2, 2, 4, 5], ([n, h, q, k]) => sum(3, (e) => at(a!, n!, h!, e, q!) * at(b!, n!, h!, e, k!))),
  },
  'einsum: two contracted axes, result turned': {
    layer: () =>
      new layers.Einsum({
        name: 'e',
        axes: [
          ['C', 'H', 'W'],
          ['W', 'E', 'H'],
        ],
        into: ['E', 'C'],
      }),
    inputs: [
      [2, 3, 4, 2],
      [2, 2, 5, 4],
    ],
    output: [2, 5, 3],
    expected: ([a, b]) =>
      built([2, 5, 3], ([n, e, c]) => sum(8, (i) => at(a!, n!, c!, i >> 1, i & 1) * at(b!, n!, i & 1, e!, i >> 1))),
  },
  'einsum with a param': {
    layer: () =>
      new layers.Einsum({
        name: 'e',
        axes: [
          ['C', 'N'],
          ['C', 'R'],
        ],
        into: ['R', 'N'],
      }),
    inputs: [
      [2, 3, 4],
      [1, 3, 5],
    ],
    unbatched: [1],
    output: [2, 5, 4],
    expected: ([a, b]) => built([2, 5, 4], ([n, r, p]) => sum(3, (c) => at(a!, n!, c, p!) * at(b!, 0, c, r!))),
  },
  'einsum with a param on the left and a shared axis': {
    layer: () =>
      new layers.Einsum({
        name: 'e',
        axes: [
          ['R', 'C'],
          ['C', 'R', 'N'],
        ],
        into: ['R', 'N'],
      }),
    inputs: [
      [1, 5, 3],
      [2, 3, 5, 4],
    ],
    unbatched: [0],
    output: [2, 5, 4],
    expected: ([a, b]) => built([2, 5, 4], ([n, r, p]) => sum(3, (c) => at(a!, 0, r!, c) * at(b!, n!, c, r!, p!))),
  },
  'einsum: outer product and a lone sum': {
    layer: () => new layers.Einsum({ name: 'e', axes: [['C', 'S'], ['D']], into: ['C', 'D'] }),
    inputs: [
      [2, 3, 4],
      [2, 5],
    ],
    output: [2, 3, 5],
    expected: ([a, b]) => built([2, 3, 5], ([n, c, d]) => sum(4, (s) => at(a!, n!, c!, s)) * at(b!, n!, d!)),
  },
  'einsum to nothing': {
    layer: () =>
      new layers.Einsum({
        name: 'e',
        axes: [
          ['C', 'S'],
          ['S', 'C'],
        ],
        into: [],
      }),
    inputs: [
      [2, 3, 4],
      [2, 4, 3],
    ],
    output: [2],
    expected: ([a, b]) => built([2], ([n]) => sum(12, (i) => at(a!, n!, i >> 2, i & 3) * at(b!, n!, i & 3, i >> 2))),
  },
  'merge of heads into channels': {
    layer: () => new layers.Merge({ name: 'm', axes: [['H', 'E', 'Q']], merged: ['H', 'E'], into: 'C' }),
    inputs: [[2, 2, 3, 4]],
    output: [2, 6, 4],
    expected: ([x]) => x!.reshape([2, 6, 4]),
  },
  'merge of axes apart, in another order': {
    layer: () => new layers.Merge({ name: 'm', axes: [['C', 'D', 'H', 'W']], merged: ['W', 'D'], into: 'P' }),
    inputs: [[2, 3, 2, 4, 5]],
    output: [2, 3, 10, 4],
    expected: ([x]) => tf.transpose(x!, [0, 1, 4, 2, 3]).reshape([2, 3, 10, 4]),
  },
  'split of channels into heads': {
    layer: () =>
      new layers.Split({
        name: 's',
        axes: [['C', 'Q']],
        axis: 'C',
        into: [
          { name: 'H', size: 2 },
          { name: 'E', size: null },
        ],
      }),
    inputs: [[2, 6, 4]],
    output: [2, 2, 3, 4],
    expected: ([x]) => x!.reshape([2, 2, 3, 4]),
  },
  'split of a spatial axis': {
    layer: () =>
      new layers.Split({
        name: 's',
        axes: [['C', 'P', 'W']],
        axis: 'P',
        into: [
          { name: 'D', size: null },
          { name: 'H', size: 2 },
        ],
      }),
    inputs: [[2, 3, 6, 4]],
    output: [2, 3, 3, 2, 4],
    expected: ([x]) => x!.reshape([2, 3, 3, 2, 4]),
  },
  transpose: {
    layer: () => new layers.Transpose({ name: 't', axes: [['C', 'D', 'H', 'W']], order: ['W', 'C', 'H', 'D'] }),
    inputs: [[2, 3, 2, 4, 5]],
    output: [2, 5, 3, 4, 2],
    expected: ([x]) => tf.transpose(x!, [0, 4, 1, 3, 2]),
  },
  roll: {
    layer: () =>
      new layers.Roll({
        name: 'r',
        axes: [['C', 'H', 'W']],
        shifts: [
          { axis: 'H', by: 1 },
          { axis: 'W', by: -2 },
          { axis: 'C', by: 7 },
        ],
      }),
    inputs: [[2, 3, 4, 5]],
    output: [2, 3, 4, 5],
    expected: ([x]) => built([2, 3, 4, 5], ([n, c, h, w]) => at(x!, n!, (c! + 3 - 1) % 3, (h! + 3) % 4, (w! + 2) % 5)),
  },
};

function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

const buffers = new WeakMap<tf.Tensor, tf.TensorBuffer<tf.Rank>>();

function at(x: tf.Tensor, ...index: number[]): number {
  let buffer = buffers.get(x);
  if (buffer === undefined) buffers.set(x, (buffer = x.bufferSync()));
  return buffer.get(...index);
}

onEveryBackend('named axes', () => {
  it.each(Object.entries(namedCases))('%s', (_, given) => checkLayer(given));
});

/** PyTorch's interpolate, align_corners=False, one output at a time. */
function interpolated(x: tf.Tensor, sizes: readonly number[], mode: 'linear' | 'nearest'): tf.Tensor {
  const [cases, channels, ...from] = x.shape;
  return built([cases, channels!, ...sizes], ([n, c, ...p]) => {
    const centres = p.map((j, i) => ((j + 0.5) * from[i]!) / sizes[i]! - 0.5);
    if (mode === 'nearest') return at(x, n!, c!, ...centres.map((each) => Math.round(each)));
    return positions(p.map(() => 2)).reduce((total, corner) => {
      const inside = centres.map((each) => Math.max(each, 0));
      const place = corner.map((side, i) => Math.min(Math.floor(inside[i]!) + side, from[i]! - 1));
      const weight = corner.reduce((w, side, i) => {
        const fraction = inside[i]! - Math.floor(inside[i]!);
        return w * (side === 1 ? fraction : 1 - fraction);
      }, 1);
      return total + weight * at(x, n!, c!, ...place);
    }, 0);
  });
}

function pooled(
  x: tf.Tensor,
  kernel: number[],
  stride: number[],
  pad: number[],
  max: boolean,
  sizes: number[],
): tf.Tensor {
  return built([...x.shape.slice(0, 2), ...sizes], ([n, c, ...p]) => {
    const values = positions(kernel)
      .map((t) => t.map((each, i) => p[i]! * stride[i]! + each - pad[i]!))
      .filter((place) => place.every((each, i) => each >= 0 && each < x.shape[i + 2]!))
      .map((place) => at(x, n!, c!, ...place));
    return max ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / kernel.reduce((a, b) => a * b, 1);
  });
}

const spatialCases: Record<string, LayerCase> = {
  'max pool 2': {
    layer: () => new layers.MaxPool({ name: 'p', kernel: [2, 2, 2], stride: [2, 2, 2] }),
    inputs: [[2, 3, 4, 5, 4]],
    output: [2, 3, 2, 2, 2],
    expected: ([x]) => pooled(x!, [2, 2, 2], [2, 2, 2], [0, 0, 0], true, [2, 2, 2]),
  },
  'max pool 3 stride 2 pad 1, all values negative': {
    layer: () =>
      new layers.MaxPool({
        name: 'p',
        kernel: [3, 3],
        stride: [2, 2],
        pad: [
          [1, 1],
          [1, 0],
        ],
      }),
    inputs: [[2, 3, 5, 6]],
    output: [2, 3, 3, 3],
    domain: (x) => tf.sub(tf.mul(x, 2), 20),
    expected: ([x]) => pooled(x!, [3, 3], [2, 2], [1, 1], true, [3, 3]),
  },
  'average pool 2': {
    layer: () => new layers.AvgPool({ name: 'p', kernel: [2, 2, 2], stride: [2, 2, 2] }),
    inputs: [[2, 3, 4, 5, 4]],
    output: [2, 3, 2, 2, 2],
    expected: ([x]) => pooled(x!, [2, 2, 2], [2, 2, 2], [0, 0, 0], false, [2, 2, 2]),
  },
  'average pool 3 pad 1': {
    layer: () =>
      new layers.AvgPool({
        name: 'p',
        kernel: [3, 3],
        pad: [
          [1, 1],
          [1, 1],
        ],
      }),
    inputs: [[2, 3, 4, 5]],
    output: [2, 3, 4, 5],
    expected: ([x]) => pooled(x!, [3, 3], [1, 1], [1, 1], false, [4, 5]),
  },
  'resize trilinear by 2': {
    layer: () => new layers.Resize({ name: 'r', mode: 'linear', scale: [2, 2, 2] }),
    inputs: [[2, 2, 2, 3, 2]],
    output: [2, 2, 4, 6, 4],
    expected: ([x]) => interpolated(x!, [4, 6, 4], 'linear'),
  },
  'resize bilinear to another tensor, down and up': {
    layer: () => new layers.Resize({ name: 'r', mode: 'linear' }),
    inputs: [
      [2, 2, 7, 3],
      [2, 3, 3, 5],
    ],
    output: [2, 2, 3, 5],
    expected: ([x]) => interpolated(x!, [3, 5], 'linear'),
    gradient: false,
  },
  'resize bilinear down by 0.4': {
    layer: () => new layers.Resize({ name: 'r', mode: 'linear', scale: [0.4, 1.5] }),
    inputs: [[2, 2, 7, 3]],
    output: [2, 2, 2, 4],
    expected: ([x]) => interpolated(x!, [2, 4], 'linear'),
  },
  'resize nearest': {
    layer: () => new layers.Resize({ name: 'r', mode: 'nearest', scale: [2, 0.5, 1.5] }),
    inputs: [[2, 2, 2, 6, 3]],
    output: [2, 2, 4, 3, 4],
    expected: ([x]) => interpolated(x!, [4, 3, 4], 'nearest'),
  },
  'pad by amounts': {
    layer: () =>
      new layers.Pad({
        name: 'p',
        amounts: [
          [1, 0],
          [0, 2],
          [1, 1],
        ],
        value: 1.5,
      }),
    inputs: [[2, 3, 2, 4, 3]],
    output: [2, 3, 3, 6, 5],
    expected: ([x]) =>
      tf.pad(
        x!,
        [
          [0, 0],
          [0, 0],
          [1, 0],
          [0, 2],
          [1, 1],
        ],
        1.5,
      ),
  },
  'pad to another tensor': {
    layer: () => new layers.Pad({ name: 'p' }),
    inputs: [
      [2, 3, 2, 3],
      [2, 1, 5, 3],
    ],
    output: [2, 3, 5, 3],
    expected: ([x]) =>
      tf.pad(x!, [
        [0, 0],
        [0, 0],
        [1, 2],
        [0, 0],
      ]),
    gradient: false,
  },
  'crop by amounts': {
    layer: () =>
      new layers.Crop({
        name: 'c',
        amounts: [
          [1, 0],
          [0, 2],
          [1, 1],
        ],
      }),
    inputs: [[2, 3, 3, 6, 5]],
    output: [2, 3, 2, 4, 3],
    expected: ([x]) => tf.slice(x!, [0, 0, 1, 0, 1], [2, 3, 2, 4, 3]),
  },
  'crop to another tensor': {
    layer: () => new layers.Crop({ name: 'c' }),
    inputs: [
      [2, 3, 5, 3],
      [2, 1, 2, 3],
    ],
    output: [2, 3, 2, 3],
    expected: ([x]) => tf.slice(x!, [0, 0, 1, 0], [2, 3, 2, 3]),
    gradient: false,
  },
  'dropout outside training': {
    layer: () => new layers.Dropout({ name: 'd', rate: 0.5 }),
    inputs: [[2, 3, 4, 2]],
    output: [2, 3, 4, 2],
    expected: ([x]) => x!,
  },
  'noise outside training': {
    layer: () => new layers.Noise({ name: 'd' }),
    inputs: [[2, 3, 4, 2]],
    output: [2, 3, 4, 2],
    expected: ([x]) => tf.zerosLike(x!),
    gradient: false,
  },
  'spatial dropout outside training': {
    layer: () => new layers.SpatialDropout({ name: 'd', rate: 0.5 }),
    inputs: [[2, 3, 4, 2]],
    output: [2, 3, 4, 2],
    expected: ([x]) => x!,
  },
  'pick with a fallback': {
    layer: () => new layers.Pick({ name: 'p', count: 4 }),
    inputs: [[1, 4, 3], [3], [1, 3]],
    unbatched: [0, 2],
    identifiers: [2, -1, 0],
    output: [3, 3],
    expected: ([table, , other]) => tf.stack([row(table!, 2), other!.reshape([3]), row(table!, 0)]),
  },
  'pick of a tensor, zeros without identifier': {
    layer: () => new layers.Pick({ name: 'p', count: 2 }),
    inputs: [[1, 2, 3, 4, 2], [3]],
    unbatched: [0],
    identifiers: [1, 0, -1],
    output: [3, 3, 4, 2],
    expected: ([table]) => tf.stack([row(table!, 1), row(table!, 0), tf.zeros([3, 4, 2])]),
  },
};

function row(table: tf.Tensor, index: number): tf.Tensor {
  return tf.gather(table.reshape(table.shape.slice(1)), index);
}

onEveryBackend('spatial layers, dropout and pick', () => {
  it.each(Object.entries(spatialCases))('%s', (_, given) => checkLayer(given));
});
