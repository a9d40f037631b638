import * as tf from '@tensorflow/tfjs';
import { einsum } from '../../ops/einsum.js';
import { arange, concat, inMemory, merge, rearrange, roll, softmax, split } from '../../ops/named-axes.js';
import { pick } from '../../ops/pick.js';
import { reduce } from '../../ops/reduce.js';
import { takeAlong } from '../../ops/resize.js';
import { image, type OpCase } from '../op-case.js';

const names = ['C', 'D', 'H', 'W'] as const;
const x = image(2, 3, 2, 4, 3);

export const axes: readonly OpCase[] = [
  { op: 'softmax', about: 'channels', operands: [x], run: (a) => softmax(a, names, ['C']) },
  { op: 'softmax', about: 'two axes', operands: [x], run: (a) => softmax(a, names, ['C', 'W']) },
  { op: 'mean', operands: [x], run: (a) => reduce(a, 'mean', names, ['D', 'H', 'W']) },
  { op: 'sum', operands: [x], run: (a) => reduce(a, 'sum', names, ['C', 'H']) },
  { op: 'max', about: 'over axes', operands: [x], run: (a) => reduce(a, 'max', names, ['H', 'W']) },
  {
    op: 'concat',
    operands: [x, image(2, 2, 2, 4, 3)],
    run: (a, b) => concat([a, b], [names, names]),
  },
  {
    op: 'einsum',
    about: 'attention',
    operands: [image(2, 2, 3, 5), image(2, 2, 3, 4)],
    run: (q, k) =>
      einsum(
        q,
        k,
        [
          ['H', 'E', 'Q'],
          ['H', 'E', 'K'],
        ],
        ['H', 'Q', 'K'],
      ),
  },
  {
    op: 'einsum',
    about: 'a table without cases',
    operands: [image(2, 3, 5), image(1, 3, 4)],
    run: (a, b) =>
      einsum(
        a,
        b,
        [
          ['C', 'N'],
          ['C', 'K'],
        ],
        ['K', 'N'],
      ),
  },
  { op: 'merge', operands: [x], run: (a) => merge(a, names, ['D', 'H'], 'N') },
  {
    op: 'split',
    operands: [image(2, 6, 4)],
    run: (a) =>
      split(a, ['C', 'N'], 'C', [
        { name: 'H', size: 2 },
        { name: 'E', size: null },
      ]),
  },
  { op: 'transpose', operands: [x], run: (a) => rearrange(a, inMemory(names), inMemory(['W', 'C', 'H', 'D'])) },
  { op: 'roll', operands: [x], run: (a) => roll(a, names, [{ axis: 'H', by: 1 }]) },
  { op: 'take', about: 'neighbours', operands: [x], run: (a) => takeAlong(a, 1, [1, 2]) },
  { op: 'take', about: 'anywhere', operands: [x], run: (a) => takeAlong(a, 2, [2, 0, 2, 1]) },
  {
    op: 'arange',
    operands: [x],
    run: (a) => tf.mul(reduce(a, 'sum', names, ['C', 'D', 'W']), arange(a, names, 'H')),
  },
  {
    op: 'pick',
    operands: [image(1, 3, 4), image(1, 4)],
    run: (table, fallback) => pick(table, tf.tensor2d([2, -1], [2, 1], 'int32'), fallback, 3),
  },
];
