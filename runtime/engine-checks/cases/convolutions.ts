import { conv, transposedConv } from '../../ops/conv.js';
import { depthwiseConv } from '../../ops/depthwise-conv.js';
import { linear } from '../../ops/linear.js';
import { image, plain, type OpCase } from '../op-case.js';

const one = [
  [1, 1],
  [1, 1],
  [1, 1],
] as const;
const none = [
  [0, 0],
  [0, 0],
  [0, 0],
] as const;

/** Attributes over three axes. */
const window = (stride: number, dilation: number, pad: typeof one | typeof none, groups = 1) => ({
  stride: [stride, stride, stride],
  dilation: [dilation, dilation, dilation],
  pad,
  groups,
});

export const convolutions: readonly OpCase[] = [
  {
    op: 'conv',
    about: 'kernel 3',
    operands: [image(2, 3, 4, 5, 6), plain(4, 3, 3, 3, 3), plain(4)],
    run: (x, w, bias) => conv(x, w, bias, window(1, 1, one)),
  },
  {
    op: 'conv',
    about: 'stride 2, odd size',
    operands: [image(1, 3, 5, 4, 7), plain(4, 3, 3, 3, 3)],
    run: (x, w) => conv(x, w, undefined, window(2, 1, one)),
  },
  {
    op: 'conv',
    about: 'kernel 1',
    operands: [image(2, 3, 2, 3, 4), plain(5, 3, 1, 1, 1), plain(5)],
    run: (x, w, bias) => conv(x, w, bias, window(1, 1, none)),
  },
  {
    op: 'conv',
    about: 'dilation 2',
    operands: [image(1, 2, 6, 7, 5), plain(3, 2, 3, 3, 3)],
    run: (x, w) => conv(x, w, undefined, window(1, 2, one)),
  },
  {
    op: 'conv',
    about: 'groups',
    operands: [image(2, 6, 3, 4, 3), plain(4, 3, 3, 3, 3)],
    run: (x, w) => conv(x, w, undefined, window(1, 1, one, 2)),
  },
  {
    op: 'conv',
    about: '2-D',
    operands: [image(2, 3, 5, 6), plain(4, 3, 3, 3), plain(4)],
    run: (x, w, bias) => conv(x, w, bias, { stride: [1, 2], dilation: [1, 1], pad: [one[0], one[1]], groups: 1 }),
  },
  {
    op: 'depthwise_conv',
    about: 'kernel 3',
    operands: [image(2, 3, 4, 5, 3), plain(3, 1, 3, 3, 3), plain(3)],
    run: (x, w, bias) => depthwiseConv(x, w, bias, window(1, 1, one)),
  },
  {
    op: 'depthwise_conv',
    about: 'stride 2',
    operands: [image(1, 3, 5, 5, 4), plain(3, 1, 3, 3, 3)],
    run: (x, w) => depthwiseConv(x, w, undefined, window(2, 1, one)),
  },
  {
    op: 'transposed_conv',
    about: 'kernel 2, stride 2',
    operands: [image(2, 3, 2, 3, 4), plain(3, 4, 2, 2, 2), plain(4)],
    run: (x, w, bias) => transposedConv(x, w, bias, { ...window(2, 1, none), sizes: [4, 6, 8] }),
  },
  {
    op: 'transposed_conv',
    about: 'kernel 3, stride 2',
    operands: [image(1, 3, 2, 3, 2), plain(3, 2, 3, 3, 3)],
    run: (x, w) => transposedConv(x, w, undefined, { ...window(2, 1, one), sizes: [3, 5, 3] }),
  },
  {
    op: 'transposed_conv',
    about: 'groups, output padding',
    operands: [image(1, 4, 2, 3, 2), plain(4, 1, 3, 3, 3), plain(2)],
    run: (x, w, bias) => transposedConv(x, w, bias, { ...window(2, 1, one, 2), sizes: [4, 6, 3] }),
  },
  {
    op: 'linear',
    operands: [image(2, 3, 5, 2), plain(4, 3), plain(4)],
    run: (x, w, bias) => linear(x, w, bias),
  },
];
