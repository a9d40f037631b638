import * as tf from '@tensorflow/tfjs';
import { it } from 'vitest';
import * as layers from './classes.js';
import { naiveConv, naiveTransposedConv } from '../ops/naive-conv.js';
import { onEveryBackend } from '../ops/support.js';
import { checkLayer, type LayerCase } from './harness.js';

const pad1 = [
  [1, 1],
  [1, 1],
  [1, 1],
] as const;

const cases: Record<string, LayerCase> = {
  'conv 3-D': {
    layer: () =>
      new layers.Conv({ name: 'Net.conv', out: 4, kernel: [3, 3, 3], pad: pad1, stride: [2, 1, 2], bias: true }),
    inputs: [[2, 3, 4, 5, 3]],
    output: [2, 4, 2, 5, 2],
    weights: { 'Net.conv.weight': [4, 3, 3, 3, 3], 'Net.conv.bias': [4] },
    expected: ([x], weights) =>
      naiveConv(x!, weights.get('Net.conv.weight')!, weights.get('Net.conv.bias'), {
        stride: [2, 1, 2],
        dilation: [1, 1, 1],
        pad: pad1,
        groups: 1,
      }),
  },
  'conv 2-D with groups, no bias': {
    layer: () => new layers.Conv({ name: 'conv', out: 4, kernel: [3, 3], groups: 2 }),
    inputs: [[2, 6, 5, 6]],
    output: [2, 4, 3, 4],
    weights: { 'conv.weight': [4, 3, 3, 3] },
    expected: ([x], weights) =>
      naiveConv(x!, weights.get('conv.weight')!, undefined, {
        stride: [1, 1],
        dilation: [1, 1],
        pad: [
          [0, 0],
          [0, 0],
        ],
        groups: 2,
      }),
  },
  'depthwise conv': {
    layer: () => new layers.DepthwiseConv({ name: 'depthwise', kernel: [3, 3, 3], pad: pad1, bias: true }),
    inputs: [[2, 3, 4, 5, 3]],
    output: [2, 3, 4, 5, 3],
    weights: { 'depthwise.weight': [3, 1, 3, 3, 3], 'depthwise.bias': [3] },
    expected: ([x], weights) =>
      naiveConv(x!, weights.get('depthwise.weight')!, weights.get('depthwise.bias'), {
        stride: [1, 1, 1],
        dilation: [1, 1, 1],
        pad: pad1,
        groups: 3,
      }),
  },
  'transposed conv': {
    layer: () => new layers.TransposedConv({ name: 'up', out: 2, kernel: [2, 2, 2], stride: [2, 2, 2], bias: true }),
    inputs: [[2, 3, 2, 3, 2]],
    output: [2, 2, 4, 6, 4],
    weights: { 'up.weight': [3, 2, 2, 2, 2], 'up.bias': [2] },
    expected: ([x], weights) =>
      naiveTransposedConv(x!, weights.get('up.weight')!, weights.get('up.bias'), {
        stride: [2, 2, 2],
        pad: [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      }),
  },
  'linear on two axes': {
    layer: () => new layers.Linear({ name: 'linear', out: 4, bias: true }),
    inputs: [[2, 3, 5, 2]],
    output: [2, 4, 5, 2],
    weights: { 'linear.weight': [4, 3], 'linear.bias': [4] },
    expected: ([x], weights) =>
      tf.transpose(
        tf
          .add(
            tf.matMul(tf.transpose(x!, [0, 2, 3, 1]).reshape([20, 3]), weights.get('linear.weight')!, false, true),
            weights.get('linear.bias')!,
          )
          .reshape([2, 5, 2, 4]),
        [0, 3, 1, 2],
      ),
  },
  'linear on channels alone': {
    layer: () => new layers.Linear({ name: 'linear', out: 4 }),
    inputs: [[2, 3]],
    output: [2, 4],
    weights: { 'linear.weight': [4, 3] },
    expected: ([x], weights) => tf.matMul(x!, weights.get('linear.weight')!, false, true),
  },
  'group norm': {
    layer: () => new layers.GroupNorm({ name: 'norm', groups: 2 }),
    inputs: [[2, 4, 3, 2, 3]],
    output: [2, 4, 3, 2, 3],
    weights: { 'norm.weight': [4], 'norm.bias': [4] },
    expected: ([x], weights) => affine(standardize(x!.reshape([2, 2, -1]), 2).reshape(x!.shape), weights),
  },
  'instance norm without weights': {
    layer: () => new layers.InstanceNorm({ name: 'norm', affine: false, epsilon: 1e-3 }),
    inputs: [[2, 3, 4, 5]],
    output: [2, 3, 4, 5],
    expected: ([x]) => standardize(x!.reshape([2, 3, -1]), 2, 1e-3).reshape(x!.shape),
  },
  'layer norm': {
    layer: () => new layers.LayerNorm({ name: 'norm' }),
    inputs: [[2, 6, 5]],
    output: [2, 6, 5],
    weights: { 'norm.weight': [6], 'norm.bias': [6] },
    expected: ([x], weights) => affine(standardize(x!, 1), weights),
  },
  prelu: {
    layer: () => new layers.Prelu({ name: 'act' }),
    inputs: [[2, 3, 2, 3, 2]],
    output: [2, 3, 2, 3, 2],
    weights: { 'act.slope': [3] },
    domain: awayFromZero,
    expected: ([x], weights) =>
      tf.add(tf.relu(x!), tf.mul(weights.get('act.slope')!.reshape([1, 3, 1, 1, 1]), tf.minimum(x!, 0))),
  },
  param: {
    layer: () => new layers.Param({ name: 'table', shape: [3, 2, 4] }),
    inputs: [[2, 5, 3]],
    output: [1, 3, 2, 4],
    weights: { table: [3, 2, 4] },
    expected: (_, weights) => weights.get('table')!.expandDims(0),
    gradient: false,
  },
  'scalar param': {
    layer: () => new layers.Param({ name: 'alpha', shape: [] }),
    inputs: [[2, 5, 3]],
    output: [1],
    weights: { alpha: [] },
    expected: (_, weights) => weights.get('alpha')!.expandDims(0),
    gradient: false,
  },
};

/** Zero mean and unit variance over the axes from `axis` on for one, over `axis` alone otherwise. */
function standardize(x: tf.Tensor, axis: number, epsilon = 1e-5): tf.Tensor {
  const { mean, variance } = tf.moments(x, axis, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
}

function affine(x: tf.Tensor, weights: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
  const shape = [1, -1, ...x.shape.slice(2).map(() => 1)];
  return tf.add(tf.mul(x, weights.get('norm.weight')!.reshape(shape)), weights.get('norm.bias')!.reshape(shape));
}

/** Finite differences must not step over a kink. */
export function awayFromZero(x: tf.Tensor): tf.Tensor {
  return tf.add(x, tf.mul(tf.sign(x), 0.1));
}

onEveryBackend('layers', () => {
  it.each(Object.entries(cases))('%s', (_, given) => checkLayer(given));
});
