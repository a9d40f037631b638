import { affine } from '../../ops/affine.js';
import { batchMoments } from '../../ops/moments.js';
import { norm } from '../../ops/norm.js';
import { crop, pad, padChannels } from '../../ops/pad-crop.js';
import { avgPool, maxPool } from '../../ops/pool.js';
import { extend, resize } from '../../ops/resize.js';
import { image, plain, type OpCase } from '../op-case.js';

const x = image(2, 4, 3, 4, 5);
const scale = plain(4);
const epsilon = 1e-5;
const amounts = [
  [1, 0],
  [0, 2],
  [1, 1],
] as const;
const halves = {
  kernel: [2, 2, 2],
  stride: [2, 2, 2],
  pad: [
    [0, 0],
    [0, 0],
    [0, 0],
  ],
} as const;

export const windows: readonly OpCase[] = [
  {
    op: 'group_norm',
    operands: [x, scale, scale],
    run: (a, gamma, beta) => norm(a, gamma, beta, { groups: 2, across: 'case', epsilon }),
  },
  {
    op: 'instance_norm',
    operands: [x, scale, scale],
    run: (a, gamma, beta) => norm(a, gamma, beta, { groups: 4, across: 'case', epsilon }),
  },
  {
    op: 'layer_norm',
    operands: [x, scale, scale],
    run: (a, gamma, beta) => norm(a, gamma, beta, { groups: 1, across: 'position', epsilon }),
  },
  {
    op: 'batch_norm',
    about: 'in training',
    operands: [x, scale, scale],
    run: (a, gamma, beta) => norm(a, gamma, beta, { groups: 4, across: 'batch', epsilon }),
  },
  {
    op: 'batch_norm',
    about: 'by known statistics',
    operands: [x, scale, scale],
    run: (a, factor, offset) => affine(a, factor, offset),
  },
  {
    op: 'batch_norm',
    about: 'moments of a batch',
    operands: [x],
    run: (a) => batchMoments(a),
    spatial: false,
    differentiable: false,
  },
  { op: 'max_pool', about: 'halves', operands: [image(2, 2, 4, 5, 4)], run: (a) => maxPool(a, halves) },
  {
    op: 'max_pool',
    about: 'overlapping',
    operands: [image(1, 2, 4, 5, 4)],
    run: (a) =>
      maxPool(a, {
        kernel: [3, 3, 3],
        stride: [2, 1, 2],
        pad: [
          [1, 1],
          [1, 1],
          [0, 0],
        ],
      }),
  },
  { op: 'avg_pool', operands: [image(2, 2, 4, 5, 4)], run: (a) => avgPool(a, halves) },
  { op: 'resize', about: 'linear', operands: [image(1, 2, 3, 4, 3)], run: (a) => resize(a, [6, 7, 2], 'linear') },
  { op: 'resize', about: 'nearest', operands: [image(1, 2, 3, 4)], run: (a) => resize(a, [6, 7], 'nearest') },
  {
    op: 'resize',
    about: 'linear, aligned corners',
    operands: [image(1, 2, 3, 4, 3)],
    run: (a) => resize(a, [6, 7, 2], 'linear_corners'),
  },
  {
    op: 'resize',
    about: 'nearest, rounded down',
    operands: [image(1, 2, 3, 4)],
    run: (a) => resize(a, [5, 7], 'nearest_floor'),
  },
  { op: 'pad', operands: [x], run: (a) => pad(a, amounts, 0.5) },
  { op: 'pad', about: 'channels', operands: [x], run: (a) => padChannels(a, 7) },
  { op: 'pad', about: 'replicate', operands: [x], run: (a) => extend(a, amounts, 'replicate') },
  { op: 'pad', about: 'reflect', operands: [x], run: (a) => extend(a, amounts, 'reflect') },
  { op: 'crop', operands: [x], run: (a) => crop(a, amounts) },
];
