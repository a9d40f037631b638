/** Functions that are not layers: they take their tensors as arguments, or make numbers and layers. */
export const functionNames = [
  'einsum',
  'softmax',
  'mean',
  'sum',
  'max',
  'min',
  'concat',
  'merge',
  'split',
  'pick',
  'roll',
  'floor',
  'ceil',
  'sqrt',
  'exp',
  'log',
  'abs',
  'shared',
  'repeat',
  'chain',
] as const;

export type FunctionName = (typeof functionNames)[number];

/** Layers of the base, each a `layer` once its arguments are bound. */
export const primitiveNames = [
  'conv',
  'depthwise_conv',
  'transposed_conv',
  'linear',
  'max_pool',
  'avg_pool',
  'group_norm',
  'instance_norm',
  'layer_norm',
  'relu',
  'leaky_relu',
  'elu',
  'gelu',
  'silu',
  'sigmoid',
  'tanh',
  'softplus',
  'prelu',
  'dropout',
  'spatial_dropout',
  'resize',
  'pad',
  'crop',
  'identity',
] as const;

/** Words that stand for a choice where one is asked for, with what they choose. They take no name away from the user. */
export const choices = {
  'a resize mode': ['trilinear', 'bilinear', 'nearest'],
  'a `fit` method': ['exact', 'pad', 'crop', 'resize'],
  'an initialiser': [
    'torch_default',
    'kaiming_normal',
    'kaiming_uniform',
    'truncated_normal',
    'normal',
    'zeros',
    'ones',
  ],
  'a fan mode': ['fan_in', 'fan_out'],
} as const;

export const choiceNames: ReadonlySet<string> = new Set(Object.values(choices).flat());
export const builtinNames: ReadonlySet<string> = new Set<string>([...functionNames, ...primitiveNames]);

/** Types a parameter or knob may have; those with a width take one `int` more before they are layers. */
export const typeNames = ['int', 'float', 'bool', 'size', 'layer', 'fusion', 'identifier', 'list', 'init'] as const;
