/** The names that the language has built in. Layers and functions that emit an operation come from its definition. */
import type { FunctionForm, Layer } from '../ir/ops/layer.js';
import {
  operationFunctions,
  operationLayers,
  type OperationFunction,
  type OperationLayer,
} from '../ir/ops/operations.js';

/** A built-in layer; `kind` is that of its operation. */
export type Primitive =
  | OperationLayer
  | ({ readonly kind: undefined; readonly name: string } & Pick<Layer<never>, 'doc' | 'parameters' | 'tensors'>);

/** The layer that emits no operation. */
const identity: Primitive = {
  kind: undefined,
  name: 'identity',
  doc: 'Returns its tensor unchanged.',
  parameters: [],
  tensors: [1, 1],
};

/** Every built-in layer, by name: a `layer` of the language once its required arguments are bound. */
export const primitives: ReadonlyMap<string, Primitive> = new Map(
  [...operationLayers, identity].map((primitive) => [primitive.name, primitive]),
);

export const primitiveNames: readonly string[] = [...primitives.keys()];

/** Functions on numbers and layers, which emit no operation. */
const plainFunctions = {
  length: { doc: 'The number of elements of a list.', positional: ['list'] },
  reverse: {
    doc: 'A list from its last element to its first: `reverse(0 .. 3)` is `[3, 2, 1, 0]`.',
    positional: ['list'],
  },
  floor: {
    doc: 'Rounds down a number, or a spatial size divided by a number.',
    positional: ['x'],
  },
  ceil: { doc: 'Rounds up a number, or a spatial size divided by a number.', positional: ['x'] },
  shared: { doc: 'Shares one set of weights between all uses of a layer.', positional: ['layer'] },
  repeat: {
    doc: 'Applies N copies of a layer in sequence, each with its own weights; the identity for 0.',
    positional: ['count', 'layer'],
  },
  chain: {
    doc: 'The list of outputs of N copies of a layer in sequence, each with its own weights.',
    positional: ['count', 'layer'],
  },
} as const satisfies Readonly<Record<string, FunctionForm>>;

/** A built-in function; `evaluate/functions` implements each. */
export type FunctionName = OperationFunction | keyof typeof plainFunctions;

/** The parameters of each function and its documentation. */
export const functionForms: Readonly<Record<FunctionName, FunctionForm>> = { ...operationFunctions, ...plainFunctions };

export const functionNames = Object.keys(functionForms) as readonly FunctionName[];

/** Words that represent a choice where one is expected, with the kind of choice. They are not reserved. */
export const choices = {
  'a resize mode': ['linear', 'trilinear', 'bilinear', 'nearest', 'nearest_floor'],
  'a pad mode': ['zeros', 'replicate', 'reflect'],
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

/** Types of parameters and knobs; those with a width need one more `int` before they are layers. */
export const typeNames = ['int', 'float', 'bool', 'size', 'layer', 'fusion', 'identifier', 'list', 'init'] as const;
