/**
 * Words of PyTorch, Keras, MONAI and nnU-Net, each with its counterpart here. This file is data: `compiler/bind/foreign.ts`
 * looks words up and rewrites calls, the parser and the lexer take the signs and the words that begin a line. A
 * counterpart is suggested only if it exists, and a test requires that all of them do.
 */
import { wordTable } from '../word-table.js';

/**
 * The parameters of a foreign layer in their order, each with our argument. `-` marks one without a counterpart that
 * can be left out, `tensor` one that is the tensor itself. A parameter that is not listed cannot be rewritten.
 */
type ForeignParameters = Readonly<Record<string, string>>;

/** A layer or function of another library, and the built-in layer or block of ours that corresponds to it. */
export interface ForeignLayer {
  /** Its names, without a prefix such as `nn.`. */
  readonly words: readonly string[];
  readonly ours: string;
  readonly parameters: ForeignParameters;
  /** What our arguments must be if the foreign call leaves them out, because the defaults differ. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** A sentence on what differs. */
  readonly note?: string;
}

/** A word that corresponds to a construct of the language rather than to one layer. */
export interface ForeignConstruct {
  readonly words: readonly string[];
  /** What to write instead, in a sentence or two. Each `name(` in it that is not a word of the language must exist. */
  readonly help: string;
  /** How a call can be rewritten: its arguments in sequence, or its tensors concatenated. */
  readonly rewrite?: 'sequence' | 'concat';
}

const sizes = 'The number of axes follows from the tensor, and so does the number of channels before the layer.';
const channels = 'The number of channels follows from the tensor.';

const conv = {
  in_channels: '-',
  out_channels: 'out',
  kernel_size: 'kernel',
  stride: 'stride',
  padding: 'pad',
  dilation: 'dilation',
  groups: 'groups',
  bias: 'bias',
} as const;

const kerasConv = {
  filters: 'out',
  kernel_size: 'kernel',
  strides: 'stride',
  padding: 'pad',
  data_format: '-',
  dilation_rate: 'dilation',
  groups: 'groups',
  activation: 'activation',
  use_bias: 'bias',
} as const;

const pool = { kernel_size: 'kernel', stride: 'stride', padding: 'pad' } as const;
const kerasPool = { pool_size: 'kernel', strides: 'stride', padding: 'pad' } as const;
const dropped = { p: 'rate', rate: 'rate', inplace: '-' } as const;

export const foreignLayers: readonly ForeignLayer[] = [
  {
    words: ['Conv3d', 'Conv2d', 'Conv1d', 'conv3d', 'conv2d', 'conv1d', 'LazyConv3d', 'LazyConv2d'],
    ours: 'conv',
    parameters: conv,
    defaults: { pad: '0', bias: 'true' },
    note: sizes,
  },
  {
    words: ['Conv3D', 'Conv2D', 'Conv1D', 'Convolution3D', 'Convolution2D'],
    ours: 'conv',
    parameters: kerasConv,
    defaults: { pad: '0', bias: 'true' },
    note: sizes,
  },
  {
    words: ['ConvTranspose3d', 'ConvTranspose2d', 'ConvTranspose1d', 'conv_transpose3d', 'conv_transpose2d'],
    ours: 'transposed_conv',
    parameters: {
      in_channels: '-',
      out_channels: 'out',
      kernel_size: 'kernel',
      stride: 'stride',
      padding: 'pad',
      output_padding: 'output_pad',
      groups: 'groups',
      bias: 'bias',
    },
    defaults: { pad: '0', bias: 'true' },
    note: sizes,
  },
  {
    words: ['Conv3DTranspose', 'Conv2DTranspose'],
    ours: 'transposed_conv',
    parameters: {
      filters: 'out',
      kernel_size: 'kernel',
      strides: 'stride',
      padding: 'pad',
      activation: 'activation',
      use_bias: 'bias',
    },
    defaults: { pad: '0', bias: 'true' },
    note: sizes,
  },
  {
    words: ['DepthwiseConv2D', 'DepthwiseConv3D', 'DepthwiseConv2d', 'DepthwiseConv3d'],
    ours: 'depthwise_conv',
    parameters: { kernel_size: 'kernel', strides: 'stride', padding: 'pad', use_bias: 'bias' },
    defaults: { pad: '0', bias: 'true' },
  },
  {
    words: ['Linear', 'LazyLinear'],
    ours: 'linear',
    parameters: { in_features: '-', out_features: 'out', bias: 'bias' },
    note: '`linear` applies to the first axis, the channels; all other axes stay as they are.',
  },
  {
    words: ['Dense'],
    ours: 'linear',
    parameters: { units: 'out', activation: 'activation', use_bias: 'bias' },
    note: '`linear` applies to the first axis, the channels; all other axes stay as they are.',
  },
  {
    words: ['BatchNorm3d', 'BatchNorm2d', 'BatchNorm1d', 'SyncBatchNorm'],
    ours: 'batch_norm',
    parameters: { num_features: '-', eps: 'epsilon', momentum: 'momentum', affine: 'affine' },
    note: channels,
  },
  {
    words: ['BatchNormalization'],
    ours: 'batch_norm',
    parameters: {},
    note: 'Keras counts `momentum` the other way round: its 0.99 is our 0.01.',
  },
  {
    words: ['InstanceNorm3d', 'InstanceNorm2d', 'InstanceNorm1d'],
    ours: 'instance_norm',
    parameters: { num_features: '-', eps: 'epsilon', momentum: '-', affine: 'affine' },
    defaults: { affine: 'false' },
    note: `${channels} Unlike in PyTorch, the default is \`affine: true\`.`,
  },
  {
    words: ['GroupNorm', 'GroupNormalization'],
    ours: 'group_norm',
    parameters: { num_groups: 'groups', num_channels: '-', eps: 'epsilon', affine: 'affine' },
    note: channels,
  },
  {
    words: ['LayerNorm', 'LayerNormalization'],
    ours: 'layer_norm',
    parameters: { normalized_shape: '-', eps: 'epsilon', elementwise_affine: 'affine' },
    note: '`layer_norm` normalises over the channels at each position.',
  },
  { words: ['ReLU'], ours: 'relu', parameters: { inplace: '-' } },
  { words: ['ReLU6'], ours: 'relu6', parameters: { inplace: '-' } },
  {
    words: ['LeakyReLU'],
    ours: 'leaky_relu',
    parameters: { negative_slope: 'slope', inplace: '-' },
  },
  { words: ['PReLU'], ours: 'prelu', parameters: { num_parameters: '-', init: 'slope' } },
  { words: ['ELU'], ours: 'elu', parameters: { inplace: '-' } },
  { words: ['SELU'], ours: 'selu', parameters: { inplace: '-' } },
  { words: ['GELU'], ours: 'gelu', parameters: {} },
  { words: ['SiLU', 'Swish', 'swish'], ours: 'silu', parameters: { inplace: '-' } },
  { words: ['Mish'], ours: 'mish', parameters: { inplace: '-' } },
  { words: ['Hardswish'], ours: 'hard_swish', parameters: { inplace: '-' } },
  { words: ['Sigmoid'], ours: 'sigmoid', parameters: {} },
  { words: ['Tanh'], ours: 'tanh', parameters: {} },
  { words: ['Softplus'], ours: 'softplus', parameters: {} },
  { words: ['Identity'], ours: 'identity', parameters: {} },
  { words: ['Dropout'], ours: 'dropout', parameters: dropped },
  {
    words: ['Dropout3d', 'Dropout2d', 'Dropout1d', 'SpatialDropout3D', 'SpatialDropout2D'],
    ours: 'spatial_dropout',
    parameters: dropped,
  },
  { words: ['MaxPool3d', 'MaxPool2d', 'MaxPool1d'], ours: 'max_pool', parameters: pool },
  { words: ['max_pool3d', 'max_pool2d'], ours: 'max_pool', parameters: { input: 'tensor', ...pool } },
  { words: ['MaxPooling3D', 'MaxPooling2D', 'MaxPool3D', 'MaxPool2D'], ours: 'max_pool', parameters: kerasPool },
  { words: ['AvgPool3d', 'AvgPool2d', 'AvgPool1d'], ours: 'avg_pool', parameters: pool },
  { words: ['avg_pool3d', 'avg_pool2d'], ours: 'avg_pool', parameters: { input: 'tensor', ...pool } },
  { words: ['AveragePooling3D', 'AveragePooling2D'], ours: 'avg_pool', parameters: kerasPool },
  {
    words: ['Upsample', 'UpsamplingNearest2d', 'UpsamplingBilinear2d'],
    ours: 'resize',
    parameters: { size: 'size', scale_factor: 'scale', mode: 'mode', align_corners: 'align_corners' },
    defaults: { mode: 'nearest' },
    note: 'Given two tensors, `(x, skip) -> resize(trilinear)` resizes to the sizes of the second.',
  },
  {
    words: ['interpolate'],
    ours: 'resize',
    parameters: {
      input: 'tensor',
      size: 'size',
      scale_factor: 'scale',
      mode: 'mode',
      align_corners: 'align_corners',
    },
    defaults: { mode: 'nearest' },
    note: 'Given two tensors, `(x, skip) -> resize(trilinear)` resizes to the sizes of the second.',
  },
  {
    words: ['UpSampling3D', 'UpSampling2D'],
    ours: 'resize',
    parameters: { size: 'scale' },
    defaults: { mode: 'nearest' },
  },
  {
    words: ['Convolution', 'ConvDropoutNormReLU', 'ConvNormAct', 'ConvBlock', 'conv_block', 'ADN'],
    ours: 'conv_norm_act',
    parameters: {
      spatial_dims: '-',
      in_channels: '-',
      out_channels: 'out',
      strides: 'stride',
      kernel_size: 'kernel',
    },
    note: 'Its arguments `norm` and `act` are layers: `norm: instance_norm, act: leaky_relu`.',
  },
  {
    words: ['DoubleConv', 'double_conv', 'TwoConv', 'UnetBasicBlock', 'StackedConvBlocks', 'DoubleConvolution'],
    ours: 'two_convs',
    parameters: {
      spatial_dims: '-',
      in_channels: '-',
      out_channels: 'out',
      kernel_size: 'kernel',
    },
    note: 'Its arguments `norm` and `act` are layers: `norm: instance_norm, act: leaky_relu`.',
  },
  {
    words: ['ResidualUnit', 'ResBlock', 'UnetResBlock', 'BasicBlockD', 'ResidualBlock', 'residual_block', 'res_block'],
    ours: 'residual',
    parameters: {
      spatial_dims: '-',
      in_channels: '-',
      out_channels: 'out',
      strides: 'stride',
      kernel_size: 'kernel',
    },
    note: 'Its arguments `norm` and `act` are layers: `norm: instance_norm, act: leaky_relu`.',
  },
  {
    words: [
      'ChannelSELayer',
      'SEBlock',
      'SELayer',
      'SqueezeExcite',
      'SqueezeExcitation',
      'se_block',
      'ResidualSELayer',
    ],
    ours: 'squeeze_excite',
    parameters: { spatial_dims: '-', in_channels: '-', r: 'reduction', reduction: 'reduction' },
  },
  { words: ['TransformerBlock', 'TransformerEncoderLayer'], ours: 'transformer', parameters: {} },
  { words: ['MultiheadAttention', 'MultiHeadAttention', 'SABlock'], ours: 'attend', parameters: {} },
];

export const foreignConstructs: readonly ForeignConstruct[] = [
  {
    words: ['Sequential', 'SkipConnection'],
    help: 'Layers in sequence are written with `->`: `conv(out, 3) -> instance_norm -> relu`.',
    rewrite: 'sequence',
  },
  {
    words: ['ModuleList', 'ModuleDict'],
    help: '`repeat(n, layer)` and `chain(n, layer)` apply copies of a layer; parts of the U are written once for all levels.',
  },
  {
    words: ['cat', 'concat', 'concatenate', 'Concatenate', 'stack'],
    help: '`concat(a, b)` joins tensors along the channels.',
    rewrite: 'concat',
  },
  {
    words: ['classes', 'num_classes', 'n_classes'],
    help: 'The number of classes of the output `mask` is `mask.classes` (of `regions`, `mask.regions`).',
  },
  {
    words: ['Softmax', 'softmax', 'Softmax2d', 'LogSoftmax', 'log_softmax', 'SoftMax'],
    help: '`softmax(x, over: C)` is a function and names the axes. An output of a model needs none: it is assigned its logits, and the loss and the prediction apply the softmax.',
  },
  {
    words: [
      'AdaptiveAvgPool3d',
      'AdaptiveAvgPool2d',
      'AdaptiveAvgPool1d',
      'adaptive_avg_pool3d',
      'GlobalAveragePooling3D',
      'GlobalAveragePooling2D',
    ],
    help: '`mean(x, over: [...S])` averages over all spatial axes, which it removes; `x * weight` broadcasts by the names of the axes.',
  },
  {
    words: ['AdaptiveMaxPool3d', 'AdaptiveMaxPool2d', 'GlobalMaxPooling3D', 'GlobalMaxPooling2D'],
    help: '`max(x, over: [...S])` is the maximum over all spatial axes, which it removes.',
  },
  {
    words: ['Flatten', 'flatten', 'Unflatten', 'Rearrange', 'rearrange', 'reshape', 'Reshape'],
    help: '`merge(x, [D, H, W], into: N)` makes one axis of several, and `split(x, N, into: [D = 8, H = 8, W])` the reverse.',
  },
  {
    words: ['einsum'],
    help: '`einsum(a, b, into: [C, D])` sums over every axis that `into` leaves out; axes are matched by name.',
  },
  {
    words: ['matmul', 'bmm', 'mm'],
    help: '`einsum(a, b, into: [C, D])` multiplies and sums over the axes that `into` leaves out.',
  },
  { words: ['Parameter'], help: 'A trainable tensor of a block is a `param`: `param scale: [C] = 1`.' },
  { words: ['Module'], help: 'A network is a `model`, a reusable part of one a `block`.' },
  { words: ['Input'], help: 'An input is a member of a model: `input scan: image(T1w)[D, H, W]`.' },
  { words: ['Model'], help: 'A network is a `model`: `model Net { ... }`.' },
  {
    words: [
      'UNet',
      'BasicUNet',
      'DynUNet',
      'PlainConvUNet',
      'ResidualEncoderUNet',
      'SegResNet',
      'UNETR',
      'AttentionUnet',
    ],
    help: 'A model is not a layer. Write its parts in `encoder` and `decoder`; docs/coming-from.md has the networks of MONAI and nnU-Net.',
  },
  {
    words: ['AttentionBlock', 'AttentionGate', 'attention_gate', 'AttentionLayer'],
    help: 'Attention gates are a fusion: see `gated_concat` in specs/attention-unet3d.unet.',
  },
  { words: ['range'], help: 'A range is written `0 .. n - 1` and includes both ends.' },
  { words: ['len'], help: 'The number of items of a list is `length(list)`; that of levels is `n`.' },
  { words: ['print', 'super', 'isinstance'], help: 'A spec describes a network; it has no statements that run.' },
  {
    words: ['self'],
    help: 'A block has no fields: apply a layer where it is needed, as in `x -> conv(out, 3)`, or name a result with `let`.',
  },
];

/** Prefixes of foreign names; without one of them or a capital letter, a name may be the user's own. */
export const foreignModules: readonly string[] = [
  'nn',
  'torch',
  'F',
  'tf',
  'keras',
  'layers',
  'monai',
  'np',
  'jnp',
  'functional',
  'tfa',
  'kl',
  'L',
  'einops',
];

/** Values of other languages. An empty text means that the argument is left out. */
export const foreignValues = wordTable<{ readonly ours: string; readonly help: string }>({
  True: { ours: 'true', help: 'Booleans are written `true` and `false`.' },
  False: { ours: 'false', help: 'Booleans are written `true` and `false`.' },
  None: {
    ours: '',
    help: 'There is no `None`: leave an optional argument out. The layer that does nothing is `identity`.',
  },
  null: {
    ours: '',
    help: 'There is no `null`: leave an optional argument out. The layer that does nothing is `identity`.',
  },
});

/** Methods and properties of foreign tensors, with what to write instead. */
export const foreignMethods = wordTable<string>({
  mean: '`mean(x, over: [...S])` is a function and names the axes, which it removes; `x * weight` broadcasts by their names.',
  sum: '`sum(x, over: [...S])` is a function and names the axes, which it removes.',
  max: '`max(x, over: [...S])` is a function and names the axes, which it removes.',
  amax: '`max(x, over: [...S])` is a function and names the axes, which it removes.',
  softmax: '`softmax(x, over: C)` is a function and names the axes.',
  view: '`merge(x, [D, H, W], into: N)` makes one axis of several, and `split(x, N, into: [D = 8, H = 8, W])` the reverse.',
  reshape:
    '`merge(x, [D, H, W], into: N)` makes one axis of several, and `split(x, N, into: [D = 8, H = 8, W])` the reverse.',
  flatten: '`merge(x, [D, H, W], into: N)` makes one axis of several.',
  permute:
    'Operations take axes by name, so their order rarely matters; `einsum(a, b, into: [C, N])` and `t[C, E]` set order and names.',
  transpose:
    'Operations take axes by name, so their order rarely matters; `einsum(a, b, into: [C, N])` and `t[C, E]` set order and names.',
  unsqueeze:
    'Tensors are combined by the names of their axes: `x * weight` broadcasts a `weight` with the axis `C` alone.',
  squeeze: 'Tensors are combined by the names of their axes; a `mean` removes the axes that it is taken over.',
  expand:
    'Tensors are combined by the names of their axes: `x * weight` broadcasts a `weight` with the axis `C` alone.',
  repeat:
    'Tensors are combined by the names of their axes: `x * weight` broadcasts a `weight` with the axis `C` alone.',
  chunk: '`split(x, C, into: [P = 2, C = C / 2])` splits an axis into two.',
  shape: 'The name of an axis is its size: in a block with `x: [C, ...S]`, `C` is the number of channels.',
  size: 'The name of an axis is its size: in a block with `x: [C, ...S]`, `C` is the number of channels.',
  ndim: 'A block declares the axes that it accepts: `x: [C, ...S]` accepts any number of spatial axes.',
  dim: 'A block declares the axes that it accepts: `x: [C, ...S]` accepts any number of spatial axes.',
  contiguous: 'Memory layout is up to the engine: leave this out.',
  to: 'Devices and number formats are chosen when the network runs: leave this out.',
  cuda: 'Devices and number formats are chosen when the network runs: leave this out.',
  float: 'Devices and number formats are chosen when the network runs: leave this out.',
  detach: 'Gradients follow from the loss: leave this out.',
});

/** Names of parts and lists elsewhere, with ours. A part without a counterpart has the empty text. */
export const foreignParts = wordTable<{ readonly ours: string; readonly help?: string }>({
  features_per_stage: { ours: 'widths' },
  features: { ours: 'widths' },
  channels: { ours: 'widths' },
  filters: { ours: 'widths' },
  f_maps: { ours: 'widths' },
  feature_size: { ours: 'widths' },
  dec_channels: { ours: 'widths' },
  downsample: { ours: 'down' },
  pool: { ours: 'down' },
  pooling: { ours: 'down' },
  upsample: { ours: 'up' },
  upconv: { ours: 'up' },
  skip: { ours: 'fuse' },
  concat: { ours: 'fuse' },
  merge: { ours: 'fuse' },
  block: { ours: 'level' },
  conv: { ours: 'level' },
  stage: { ours: 'level' },
  bottleneck: { ours: '', help: 'The bottleneck is the last level of the encoder: the last entry of `widths`.' },
  deep_supervision: {
    ours: '',
    help: 'Predictions at lower levels are `aux mask(i) when i > 0: conv(mask.classes, 1, bias: true)` in the decoder.',
  },
});

/** Words that begin a line in Python, with what to write instead. */
export const foreignStatements = wordTable<string>({
  import:
    'This looks like Python. Layers are built in, so nothing is imported for them; `use "unet:lib/unet.unet"` imports blocks of a spec.',
  from: 'This looks like Python. Layers are built in, so nothing is imported for them; `use "unet:lib/unet.unet"` imports blocks of a spec.',
  class: 'This is Python. A network is `model Net { ... }`, a reusable part of one `block stage(out: int) { ... }`.',
  def: 'This is Python. A network is `model Net { ... }`, a reusable part of one `block stage(out: int) { ... }`.',
  return: 'The last line of a block is its result, without a `return`.',
  for: '`let x[i] = ... for i in 1 .. n` repeats a line, and `repeat(count, layer)` applies copies of a layer in sequence.',
  while:
    '`let x[i] = ... for i in 1 .. n` repeats a line, and `repeat(count, layer)` applies copies of a layer in sequence.',
  const: 'A value is named with `let`.',
  var: 'A value is named with `let`.',
  val: 'A value is named with `let`.',
  elif: 'A condition is an expression: `if a then b else if c then d else e`.',
  assert: 'Shapes are checked before anything runs: leave this out.',
  print: 'A spec describes a network; it has no statements that run.',
});
