import type { choices, FunctionName, primitiveNames } from '../compiler/bind/builtins.js';

type ChoiceName = (typeof choices)[keyof typeof choices][number];
type BaseName = FunctionName | (typeof primitiveNames)[number];

/** What each layer and function of the base does, in the words of the language reference (section 7). */
export const baseDocs: Readonly<Record<BaseName, string>> = {
  conv: 'Convolution over the spatial axes. No bias by default. Odd kernels are padded by half their extent; an even kernel must equal its stride or give its `pad`. Size: `floor((n + 2 pad - dilation (kernel - 1) - 1) / stride) + 1`.',
  depthwise_conv: 'Depthwise convolution: one filter per channel. Sizes as in `conv`.',
  transposed_conv:
    'Transposed convolution: the adjoint of a strided convolution. Size: `(n - 1) stride - 2 pad + kernel`.',
  linear: 'Linear layer over the first axis, which becomes `out`; all other axes are unchanged. With bias by default.',
  max_pool: 'Maximum over windows. The stride defaults to the kernel size; padding is ignored.',
  avg_pool: 'Mean over windows, including padding. The stride defaults to the kernel size.',
  group_norm: 'Group normalisation: statistics over the channels of each group and all positions.',
  instance_norm: 'Instance normalisation: statistics of each channel over all positions.',
  layer_norm: 'Layer normalisation: statistics over the channels at each position.',
  relu: '`max(x, 0)`.',
  leaky_relu: '`max(x, 0) + slope * min(x, 0)`; the slope defaults to 0.01.',
  elu: '`x` if `x > 0`, otherwise `exp(x) - 1`.',
  gelu: '`x` times the cumulative normal distribution of `x` (exact, with erf).',
  silu: '`x * sigmoid(x)`.',
  sigmoid: '`1 / (1 + exp(-x))`.',
  tanh: 'Hyperbolic tangent.',
  softplus: '`log(1 + exp(x))`.',
  prelu: '`max(x, 0) + slope * min(x, 0)` with a trainable slope per channel. The initial slope defaults to 0.25.',
  dropout: 'Drops single values during training and scales the others by `1 / (1 - rate)`.',
  spatial_dropout: 'Drops whole channels during training and scales the others by `1 / (1 - rate)`.',
  resize:
    'Resizes the spatial axes: one tensor by `scale`, two tensors to the sizes of the second. Half-pixel centres; `trilinear`, `bilinear` or `nearest`.',
  pad: 'Pads the spatial axes with zeros: by `amount` on both sides, or, given two tensors, to the sizes of the second.',
  crop: 'Crops the spatial axes: by `amount` on both sides, or, given two tensors, to the sizes of the second.',
  identity: 'Returns its tensor unchanged.',
  einsum: 'Sum of products over every axis that is not in `into`; the result has the axes of `into`, in order.',
  softmax: 'Softmax over the axes `over` jointly: `exp(x)` divided by its sum.',
  mean: 'Mean over the axes `over`, which are removed.',
  sum: 'Sum over the axes `over`, which are removed.',
  max: 'Maximum of numbers, or of a tensor over the axes `over`.',
  min: 'Minimum of numbers.',
  concat: 'Concatenates tensors along the channels; a list is treated as its elements.',
  merge: 'Merges several axes into one, `into`, at the position of the first; the first axis varies slowest.',
  split: 'Splits one axis into several at its position; one size may be omitted.',
  pick: 'Row of a param `[id.count, ...]` for the identifier of each case; `absent` for cases without one.',
  roll: 'Circular shift along axes, like `numpy.roll`.',
  floor: 'Rounds down a number, or a spatial size divided by a number.',
  ceil: 'Rounds up a number, or a spatial size divided by a number.',
  sqrt: 'Square root of a number or a tensor (elementwise).',
  exp: 'Exponential of a number or a tensor (elementwise).',
  log: 'Natural logarithm of a number or a tensor (elementwise).',
  abs: 'Absolute value of a number or a tensor (elementwise).',
  shared: 'Shares one set of weights between all uses of a layer.',
  repeat: 'Applies N copies of a layer in sequence, each with its own weights; the identity for 0.',
  chain: 'The list of outputs of N copies of a layer in sequence, each with its own weights.',
};

/** What each word stands for that is a choice (sections 8 and 11), but those that are layers too. */
export const choiceDocs: Readonly<Record<Exclude<ChoiceName, BaseName>, string>> = {
  trilinear: 'Trilinear interpolation over three spatial axes.',
  bilinear: 'Bilinear interpolation over two spatial axes.',
  nearest: 'Nearest-neighbour interpolation.',
  exact: 'Sizes must match exactly, which constrains legal patch sizes to multiples of the total stride.',
  torch_default: 'Weight and bias uniform in ±`1 / sqrt(fan in)`; the default.',
  kaiming_normal: 'He et al. 2015 with gain `sqrt(2)`, normal. The mode defaults to `fan_in`. The bias is 0.',
  kaiming_uniform: 'He et al. 2015 with gain `sqrt(2)`, uniform. The mode defaults to `fan_in`. The bias is 0.',
  truncated_normal:
    'Normal distribution truncated at two standard deviations; the standard deviation defaults to 0.02. The bias is 0.',
  normal: 'Normal distribution; the standard deviation defaults to 1. The bias is 0.',
  zeros: 'Weight and bias are 0.',
  ones: 'The weight is 1, the bias 0.',
  fan_in: 'Fan-in of a weight `[a, b, ...kernel]`: b times the kernel size.',
  fan_out: 'Fan-out of a weight `[a, b, ...kernel]`: a times the kernel size.',
};
