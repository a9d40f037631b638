import { expect, it } from 'vitest';
import { conv, convSize, transposedConv, type ConvAttributes } from '../../../runtime/ops/conv.js';
import { naiveConv, naiveTransposedConv } from './naive-conv.js';
import { expectClose, expectGradient, logically, normals, onEveryBackend } from './support.js';

interface Case {
  readonly name: string;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attributes: Partial<ConvAttributes>;
}

const one = [
  [1, 1],
  [1, 1],
  [1, 1],
] as const;

const cases: Case[] = [
  { name: '3-D k3', x: [2, 3, 4, 5, 6], w: [4, 3, 3, 3, 3], attributes: { pad: one } },
  { name: '3-D k1', x: [2, 3, 2, 3, 4], w: [5, 3, 1, 1, 1], attributes: {} },
  { name: '3-D k3 stride 2', x: [2, 3, 5, 4, 6], w: [4, 3, 3, 3, 3], attributes: { pad: one, stride: [2, 2, 2] } },
  {
    name: 'stride 1 2 2',
    x: [1, 2, 3, 5, 6],
    w: [4, 2, 1, 3, 3],
    attributes: {
      pad: [
        [0, 0],
        [1, 1],
        [1, 1],
      ],
      stride: [1, 2, 2],
    },
  },
  { name: 'k1 stride 2', x: [1, 2, 5, 4, 6], w: [3, 2, 1, 1, 1], attributes: { stride: [2, 2, 2] } },
  { name: 'k2 stride 2, odd size', x: [2, 3, 4, 5, 6], w: [4, 3, 2, 2, 2], attributes: { stride: [2, 2, 2] } },
  { name: 'k4 stride 4 (patches)', x: [1, 2, 8, 8, 4], w: [6, 2, 4, 4, 4], attributes: { stride: [4, 4, 4] } },
  {
    name: 'dilation',
    x: [1, 2, 6, 7, 5],
    w: [3, 2, 3, 3, 2],
    attributes: {
      dilation: [2, 3, 2],
      pad: [
        [2, 2],
        [3, 3],
        [1, 1],
      ],
    },
  },
  {
    name: 'dilation of one axis, pads of none',
    x: [1, 4, 6, 5, 5],
    w: [3, 4, 3, 3, 3],
    attributes: {
      dilation: [2, 1, 1],
      pad: [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    },
  },
  {
    name: 'stride and dilation',
    x: [1, 2, 9, 8, 7],
    w: [3, 2, 3, 3, 3],
    attributes: {
      dilation: [2, 3, 2],
      stride: [2, 2, 3],
      pad: [
        [2, 2],
        [3, 3],
        [1, 2],
      ],
    },
  },
  {
    name: 'even kernel, uneven pad',
    x: [1, 2, 4, 5, 3],
    w: [3, 2, 2, 4, 2],
    attributes: {
      pad: [
        [0, 1],
        [2, 1],
        [1, 0],
      ],
    },
  },
  {
    name: 'pad beyond the kernel',
    x: [1, 2, 3, 3, 3],
    w: [3, 2, 2, 2, 1],
    attributes: {
      pad: [
        [3, 2],
        [2, 2],
        [1, 2],
      ],
    },
  },
  { name: 'groups', x: [2, 6, 3, 4, 3], w: [4, 3, 3, 3, 3], attributes: { pad: one, groups: 2 } },
  { name: 'many outputs on a small grid', x: [1, 3, 2, 2, 2], w: [40, 3, 3, 3, 3], attributes: { pad: one } },
  {
    name: '2-D k3',
    x: [2, 3, 5, 6],
    w: [4, 3, 3, 3],
    attributes: {
      pad: [
        [1, 1],
        [1, 1],
      ],
    },
  },
  { name: '2-D k3 stride 2 no pad', x: [2, 3, 6, 7], w: [4, 3, 3, 3], attributes: { stride: [2, 2] } },
  { name: '1-D k5', x: [2, 3, 9], w: [4, 3, 5], attributes: { pad: [[2, 2]] } },
];

function complete(attributes: Partial<ConvAttributes>, rank: number): ConvAttributes {
  return {
    stride: Array<number>(rank).fill(1),
    dilation: Array<number>(rank).fill(1),
    pad: Array.from({ length: rank }, (): [number, number] => [0, 0]),
    groups: 1,
    ...attributes,
  };
}

onEveryBackend('conv', () => {
  it.each(cases)('$name', async ({ x: xShape, w: wShape, attributes }) => {
    const full = complete(attributes, xShape.length - 2);
    const x = normals(xShape, 'x');
    const w = normals(wShape, 'w');
    const bias = normals([wShape[0]!], 'bias');
    const op = logically((input, weight, b) => conv(input, weight, b, full), [1, 2]);
    const expected = naiveConv(x, w, bias, full);
    await expectClose(op(x, w, bias), expected);
    expect(expected.shape.slice(2)).toEqual(
      xShape
        .slice(2)
        .map((n, i) =>
          convSize(n, wShape[i + 2]!, full.stride[i]!, full.dilation[i]!, full.pad[i]![0] + full.pad[i]![1]),
        ),
    );
    await expectGradient(op, [x, w, bias]);
  });
});

const transposedCases: Case[] = [
  { name: 'k2 stride 2', x: [2, 3, 2, 3, 4], w: [3, 4, 2, 2, 2], attributes: { stride: [2, 2, 2] } },
  { name: 'k3 stride 2 pad 1', x: [1, 3, 2, 3, 4], w: [3, 2, 3, 3, 3], attributes: { stride: [2, 2, 2], pad: one } },
  {
    name: 'k4 stride 2 uneven pad',
    x: [1, 2, 3, 3, 2],
    w: [2, 3, 4, 4, 4],
    attributes: {
      stride: [2, 2, 2],
      pad: [
        [1, 1],
        [0, 1],
        [1, 0],
      ],
    },
  },
  { name: 'k1 stride 2', x: [1, 2, 3, 2, 2], w: [2, 3, 1, 1, 1], attributes: { stride: [2, 2, 2] } },
  { name: 'stride 1 2 2', x: [1, 2, 3, 3, 2], w: [2, 3, 1, 2, 2], attributes: { stride: [1, 2, 2] } },
  {
    name: '2-D k3 stride 1',
    x: [1, 2, 3, 4],
    w: [2, 3, 3, 3],
    attributes: {
      pad: [
        [1, 1],
        [0, 0],
      ],
    },
  },
  { name: '2-D k2 stride 2', x: [1, 2, 3, 4], w: [2, 3, 2, 2], attributes: { stride: [2, 2] } },
];

onEveryBackend('transposed conv', () => {
  it.each(transposedCases)('$name', async ({ x: xShape, w: wShape, attributes }) => {
    const full = complete(attributes, xShape.length - 2);
    const x = normals(xShape, 'x');
    const w = normals(wShape, 'w');
    const bias = normals([wShape[1]!], 'bias');
    const expected = naiveTransposedConv(x, w, bias, full);
    const op = logically(
      (input, weight, b) => transposedConv(input, weight, b, { ...full, sizes: expected.shape.slice(2) }),
      [1, 2],
    );
    await expectClose(op(x, w, bias), expected);
    await expectGradient(op, [x, w, bias]);
  });
});
