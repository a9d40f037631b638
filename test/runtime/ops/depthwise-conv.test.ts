import { it } from 'vitest';
import { depthwiseConv, type DepthwiseConvAttributes } from '../../../runtime/ops/depthwise-conv.js';
import { naiveConv } from './naive-conv.js';
import { expectClose, expectGradient, logically, normals, onEveryBackend } from './support.js';

const cases: [string, number[], number[], DepthwiseConvAttributes][] = [
  [
    '3-D k3',
    [2, 5, 4, 5, 6],
    [5, 1, 3, 3, 3],
    { stride: [1, 1, 1], dilation: [1, 1, 1], pad: Array(3).fill([1, 1]) as [number, number][] },
  ],
  [
    '3-D k3 stride 2 1 2, uneven pad',
    [2, 3, 5, 4, 6],
    [3, 1, 3, 2, 3],
    {
      stride: [2, 1, 2],
      dilation: [1, 1, 1],
      pad: [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
    },
  ],
  [
    '3-D dilation',
    [1, 3, 6, 7, 5],
    [3, 1, 3, 3, 2],
    {
      stride: [1, 1, 1],
      dilation: [2, 3, 2],
      pad: [
        [2, 2],
        [3, 3],
        [1, 1],
      ],
    },
  ],
  [
    '3-D stride and dilation',
    [1, 3, 7, 8, 7],
    [3, 1, 2, 3, 3],
    {
      stride: [2, 2, 2],
      dilation: [2, 2, 1],
      pad: [
        [0, 1],
        [2, 2],
        [1, 1],
      ],
    },
  ],
  [
    '2-D k3 stride 2',
    [2, 4, 5, 6],
    [4, 1, 3, 3],
    {
      stride: [2, 2],
      dilation: [1, 1],
      pad: [
        [1, 1],
        [1, 1],
      ],
    },
  ],
  [
    '2-D k7',
    [1, 4, 8, 8],
    [4, 1, 7, 7],
    {
      stride: [1, 1],
      dilation: [1, 1],
      pad: [
        [3, 3],
        [3, 3],
      ],
    },
  ],
];

onEveryBackend('depthwise conv', () => {
  it.each(cases)('%s', async (_, xShape, wShape, attributes) => {
    const x = normals(xShape, 'x');
    const w = normals(wShape, 'w');
    const bias = normals([wShape[0]!], 'bias');
    const op = logically((input, weight, b) => depthwiseConv(input, weight, b, attributes), [1, 2]);
    const expected = naiveConv(x, w, bias, { ...attributes, groups: wShape[0]! });
    await expectClose(op(x, w, bias), expected);
    await expectGradient(op, [x, w, bias]);
  });
});
