/** Convolutions and linear layers. */
import { counted } from '../../../text/count.js';
import { add, constant, constantOf, scale } from '../../shape/size.js';
import { product, type Padding } from '../tensor.js';
import { isOne, windowLabel } from './labels.js';
import { layer, type LayerCall } from './layer.js';
import type { Instance } from './operation.js';
import { boolean, failByRange, initialiser, perAxis, perAxisOr, requireChannels, whole } from './parameters.js';
import { at, channelsOf, local, operandAt, padded, windowedSize, withBias } from './shapes.js';
import { operation, weighted, windowed } from './traits.js';
import { nothing, transposed } from './view.js';

const out = whole({ least: 1 });
const kernel = perAxis({ least: 1 });
const stride = perAxis({ least: 1, otherwise: 1 });
const dilation = perAxis({ least: 1, otherwise: 1 });
const pad = perAxisOr('half the kernel', 0);
const groups = whole({ least: 1, otherwise: 1 });
const bias = boolean(false);

/** y[o] = sum_c w[o, c] * x[c] (+ b[o]), cross-correlation as in PyTorch. Weights `weight`, `bias`. */
export interface ConvAttributes {
  readonly out: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pad: Padding;
  readonly groups: number;
  readonly bias: boolean;
}

const conv = operation<ConvAttributes>({
  ...windowed,
  ...weighted,
  shape: (attributes, operands) =>
    local(operands, attributes.out, (size, axis) => windowedSize(size, attributes, axis)),
  weights: ({ out, kernel, groups, bias }, operands) =>
    withBias({ name: 'weight', shape: [out, channelsOf(operands) / groups, ...kernel] }, bias, out),
  macs: ({ attributes: { groups, kernel }, operands, shape }, at) =>
    (product(at(shape)) * channelsOf(operands) * product(kernel)) / groups,
  // The operand with fewer channels, folded for the gradient of the weight.
  backwardCopies: ({ own, operand }) => Math.min(own, operand),
  problems: groupProblems,
  figure: ({ stride }) => (isOne(stride) ? 'convolution' : 'down'),
  block: ({ kernel: window }) => (isOne(window) ? undefined : 'convolution'),
  label: ({ attributes }) => windowLabel('conv', attributes),
  layers: {
    conv: layer({
      doc: 'Convolution over the spatial axes. No bias by default. Odd kernels are padded by half their extent; an even kernel must equal its stride or give its `pad`. Size: `floor((n + 2 pad - dilation (kernel - 1) - 1) / stride) + 1`.',
      parameters: {
        out,
        kernel,
        stride,
        dilation,
        pad,
        groups,
        bias,
        init: initialiser,
      },
      start: { rules: ['conv'] },
      attributes: ({ out, kernel, stride, dilation, pad, groups, bias }, call) => {
        requireGroups(call, groups, requireChannels(call), 'the input has');
        requireGroups(call, groups, out, 'the output has');
        return { out, kernel, stride, dilation, pad: paddingOf(call, { kernel, stride, dilation, pad }), groups, bias };
      },
    }),
  },
});

/** One filter per channel; `weight` is `[C, 1, ...kernel]`. */
export interface DepthwiseConvAttributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pad: Padding;
  readonly bias: boolean;
}

const depthwiseConv = operation<DepthwiseConvAttributes>({
  ...windowed,
  ...weighted,
  weights: ({ kernel, bias }, operands) => {
    const channels = channelsOf(operands);
    return withBias({ name: 'weight', shape: [channels, 1, ...kernel] }, bias, channels);
  },
  macs: ({ attributes: { kernel }, shape }, at) => product(at(shape)) * product(kernel),
  backwardCopies: ({ own, operand }) => Math.min(own, operand),
  figure: ({ stride }) => (isOne(stride) ? 'separable' : 'down'),
  block: () => 'separable',
  label: ({ attributes }) => windowLabel('depthwise conv', attributes),
  layers: {
    depthwise_conv: layer({
      doc: 'Depthwise convolution: one filter per channel. Sizes as in `conv`.',
      parameters: { kernel, stride, dilation, pad, bias, init: initialiser },
      start: { rules: ['depthwise_conv', 'conv'] },
      attributes: ({ kernel, stride, dilation, pad, bias }, call) => {
        requireChannels(call);
        return { kernel, stride, dilation, pad: paddingOf(call, { kernel, stride, dilation, pad }), bias };
      },
    }),
  },
});

/**
 * The adjoint of a strided conv, size (n - 1) * stride - before - after + kernel + outputPad. Weight
 * `[in, out / groups, ...kernel]`.
 */
export interface TransposedConvAttributes {
  readonly out: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: Padding;
  /** Positions added at the end of each axis, which the strided conv would not reach; less than the stride. */
  readonly outputPad: readonly number[];
  readonly groups: number;
  readonly bias: boolean;
}

const transposedConv = operation<TransposedConvAttributes>({
  ...weighted,
  shape: ({ out, kernel, stride, pad, outputPad }, operands) =>
    local(operands, out, (size, axis) => {
      const border = at(kernel, axis) - at(stride, axis) - padded(pad, axis) + at(outputPad, axis);
      return add(scale(size, at(stride, axis)), constant(border));
    }),
  weights: ({ out, kernel, groups, bias }, operands) =>
    withBias({ name: 'weight', shape: [channelsOf(operands), out / groups, ...kernel] }, bias, out),
  // Includes elements that are cropped.
  macs: ({ attributes: { out, groups, kernel }, operands }, at) =>
    (product(at(operandAt(operands, 0))) * out * product(kernel)) / groups,
  view: ({ attributes }, [first = nothing]) => transposed(first, attributes),
  forwardCopies: ({ own }) => own,
  backwardCopies: ({ own }) => own,
  figure: () => 'up',
  problems: groupProblems,
  label: ({ attributes: { kernel, stride, groups } }) => windowLabel('up-conv', { kernel, stride, groups }),
  layers: {
    transposed_conv: layer({
      doc: 'Transposed convolution: the adjoint of a strided convolution. `output_pad`, less than the stride, extends the end of each axis. Size: `(n - 1) stride - 2 pad + kernel + output_pad`.',
      parameters: {
        out,
        kernel,
        stride,
        pad,
        output_pad: perAxis({ least: 0, otherwise: 0 }),
        groups,
        bias,
        init: initialiser,
      },
      start: { rules: ['transposed_conv'] },
      attributes: ({ out, kernel, stride, pad, output_pad: outputPad, groups, bias }, call) => {
        requireGroups(call, groups, requireChannels(call), 'the input has');
        requireGroups(call, groups, out, 'the output has');
        const most = Math.min(...stride) - 1;
        for (const [axis, extra] of outputPad.entries()) {
          if (extra < at(stride, axis)) continue;
          failByRange(call, 'output_pad', `less than the stride, so at most ${most}`, extra);
        }
        const exact = pad === undefined && kernel.every((extent, axis) => extent === stride[axis]);
        const padding = exact ? kernel.map(() => [0, 0] as const) : paddingOf(call, { kernel, stride, pad });
        return { out, kernel, stride, pad: padding, outputPad, groups, bias };
      },
    }),
  },
});

/** y[o, ...] = sum_c w[o, c] x[c, ...] (+ b[o]); other axes are kept. */
export interface LinearAttributes {
  readonly out: number;
  readonly bias: boolean;
}

const linear = operation<LinearAttributes>({
  ...weighted,
  shape: ({ out }, operands) => local(operands, out, (size) => size),
  weights: ({ out, bias }, operands) => withBias({ name: 'weight', shape: [out, channelsOf(operands)] }, bias, out),
  macs: ({ operands, shape }, at) => product(at(shape)) * channelsOf(operands),
  figure: () => 'linear',
  label: () => 'linear',
  layers: {
    linear: layer({
      doc: 'Linear layer over the first axis, which becomes `out`; all other axes are unchanged. With bias by default.',
      parameters: { out, bias: boolean(true), init: initialiser },
      start: { rules: ['linear'] },
      attributes: (given, call) => {
        requireChannels(call);
        return { out: given.out, bias: given.bias };
      },
    }),
  },
});

interface Geometry {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation?: readonly number[];
  readonly pad: readonly number[] | undefined;
}

/** UNET3011: a kernel that is neither odd nor equal to its stride must state its padding. */
function paddingOf(call: LayerCall, { kernel, stride, dilation, pad }: Geometry): Padding {
  if (pad !== undefined) return pad.map((each) => [each, each] as const);
  return kernel.map((extent, axis) => {
    const step = stride[axis] ?? 1;
    if (extent % 2 === 1) {
      const half = ((dilation?.[axis] ?? 1) * (extent - 1)) / 2;
      return [half, half] as const;
    }
    if (extent === step) return [0, 0] as const;
    const help = 'Use `pad: 0` for no padding, or give the number of voxels on both sides.';
    return call.fail('UNET3011', { kernel: extent, stride: step }, call.span, { help });
  });
}

/** The sides whose channels the groups do not divide. */
function groupProblems({
  attributes: { groups, out },
  operands,
}: Instance<{ readonly groups: number; readonly out: number }>): readonly string[] {
  return [constantOf(at(operandAt(operands, 0), 0).size), out]
    .filter((channels) => channels === undefined || channels % groups !== 0)
    .map((channels) => `${groups} groups do not divide ${channels ?? 'an unknown number of'} channels`);
}

/** UNET3007: groups divide the channels on both sides. */
function requireGroups(call: LayerCall, groups: number, channels: number, side: string): void {
  if (channels % groups === 0) return;
  const labels = [{ span: call.span, text: `${side} ${counted(channels, 'channel')}` }];
  call.fail('UNET3007', { groups, channels }, call.spanOf('groups'), { labels });
}

export const convolutions = { conv, depthwise_conv: depthwiseConv, transposed_conv: transposedConv, linear };
