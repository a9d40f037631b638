/** Convolutions and linear layers. ONNX takes PyTorch's weights as they are: `[out, in / groups, ...kernel]`. */
import type { Padding } from '../../../ir/ir.js';
import { channelsOf, operand, type Emission, type Emitter } from '../emitter.js';
import type { Value } from '../graph.js';
import { reshape, targetsOf } from '../sizes.js';

/** All before the first axis' end, then all after, as ONNX lists them. */
export function padsOf(pad: Padding): readonly number[] {
  return [...pad.map(([before]) => before), ...pad.map(([, after]) => after)];
}

interface Weighing {
  readonly weight: readonly number[];
  /** Values of the bias; undefined without one. */
  readonly bias: number | undefined;
}

function withWeights(emission: Emission, { weight, bias }: Weighing): readonly Value[] {
  const inputs = [operand(emission, 0).value, emission.weight('weight', weight)];
  return bias === undefined ? inputs : [...inputs, emission.weight('bias', [bias])];
}

export const conv: Emitter<'conv'> = ({ out, kernel, stride, dilation, pad, groups, bias }, emission) => {
  const channels = channelsOf(operand(emission, 0));
  const weights = { weight: [out, channels / groups, ...kernel], bias: bias ? out : undefined };
  return emission.graph.node('Conv', withWeights(emission, weights), {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    pads: padsOf(pad),
    group: groups,
  });
};

/** A convolution of as many groups as channels. */
export const depthwiseConv: Emitter<'depthwise_conv'> = (attributes, emission) => {
  const channels = channelsOf(operand(emission, 0));
  return conv({ ...attributes, out: channels, groups: channels }, emission);
};

/** Sizes (n - 1) * stride - before - after + kernel, as the IR's. */
export const transposedConv: Emitter<'transposed_conv'> = ({ out, kernel, stride, pad, bias }, emission) => {
  const channels = channelsOf(operand(emission, 0));
  const weights = { weight: [channels, out, ...kernel], bias: bias ? out : undefined };
  return emission.graph.node('ConvTranspose', withWeights(emission, weights), {
    kernel_shape: kernel,
    strides: stride,
    pads: padsOf(pad),
  });
};

/** The weight `[out, in]` from the left on `[N, in, positions]`; without positions Gemm. */
export const linear: Emitter<'linear'> = ({ out, bias }, emission) => {
  const { graph } = emission;
  const x = operand(emission, 0);
  const weight = [out, channelsOf(x)];
  if (x.shape.length === 1) {
    return graph.node('Gemm', withWeights(emission, { weight, bias: bias ? out : undefined }), { transB: 1 });
  }
  const targets = targetsOf(x);
  const flat = x.shape.length > 2;
  const rows = flat ? reshape(graph, x.value, [...targets.slice(0, 2), 'rest']) : x.value;
  const product = graph.node('MatMul', [emission.weight('weight', weight), rows]);
  const y = bias ? graph.node('Add', [product, emission.weight('bias', [out, 1])]) : product;
  return flat ? reshape(graph, y, [{ of: y, axis: 0 }, out, ...targets.slice(2)]) : y;
};
