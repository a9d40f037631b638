/** Operations on single elements, of one tensor or of two. */
import {
  operatorNames,
  type BinaryOperator,
  type ScalarOperator,
  type UnaryFunction,
} from '../../../contract/functions.js';
import type { Shape } from '../tensor.js';
import { constantOf } from '../../shape/size.js';
import { layer, type FunctionForm, type Layer } from './layer.js';
import type { Gradients, Kept } from './operation.js';
import { boolean, number, requireChannels } from './parameters.js';
import { axisOf, channelsOf, operandAt } from './shapes.js';
import { elementwise, operation } from './traits.js';
import { unaryDefinitions, type NumberFunction, type UnaryDefinition } from './unary-functions.js';
import { joined, originsByName } from './view.js';

/** Attributes of an elementwise function; `slope` is used by `leaky_relu` only. */
export interface UnaryAttributes {
  readonly function: UnaryFunction;
  readonly slope?: number;
}

function unaryLayer(name: UnaryFunction, doc: string, otherwise: number | undefined): Layer<UnaryAttributes> {
  if (otherwise === undefined) return layer({ doc, attributes: () => ({ function: name }) });
  return layer({
    doc,
    parameters: { slope: number({ least: 0, most: 1, text: 'between 0 and 1', otherwise }) },
    attributes: ({ slope }) => ({ function: name, slope }),
  });
}

const definitions = Object.entries(unaryDefinitions) as [UnaryFunction, UnaryDefinition][];

const unaryLayers = definitions.flatMap(([name, { layer, slope }]) =>
  layer === undefined ? [] : [[name, unaryLayer(name, layer, slope)] as const],
);

const unaryForms = Object.fromEntries(
  definitions.flatMap(([name, each]): [string, FunctionForm][] =>
    each.function === undefined ? [] : [[name, { doc: each.function.doc, positional: ['x'] }]],
  ),
) as Readonly<Record<NumberFunction, FunctionForm>>;

const unary = operation<UnaryAttributes, NumberFunction>({
  ...elementwise,
  keeps: ({ attributes }) => {
    const kept = unaryDefinitions[attributes.function].keeps;
    return kept === undefined ? [] : [kept];
  },
  backwardCopies: ({ own }, attributes) => (unaryDefinitions[attributes.function].backwardCopies ?? 1) * own,
  name: ({ function: name }) => name,
  block: ({ function: name }) => (name === 'sigmoid' ? 'gate' : undefined),
  label: ({ attributes }) => unaryDefinitions[attributes.function].label ?? attributes.function,
  layers: Object.fromEntries(unaryLayers),
  functions: unaryForms,
});

/** max(x, 0) + slope[c] * min(x, 0); weight `slope` `[C]`, or `[1]` if all channels share it. He et al. 2015. */
export interface PreluAttributes {
  readonly shared: boolean;
}

const prelu = operation<PreluAttributes>({
  ...elementwise,
  weights: ({ shared }, operands) => [{ name: 'slope', shape: [shared ? 1 : channelsOf(operands)] }],
  keeps: () => [0],
  backwardCopies: ({ own }) => 2 * own,
  label: () => 'PReLU',
  layers: {
    prelu: layer({
      doc: '`max(x, 0) + slope * min(x, 0)` with a trainable slope per channel, or a single one if `shared`. The initial slope defaults to 0.25.',
      parameters: {
        slope: number({ least: -1, most: 1, text: 'between -1 and 1', otherwise: 0.25 }),
        shared: boolean(false),
      },
      start: (_, { slope }) => ({ kind: 'constant', value: slope }),
      attributes: ({ shared }, call) => {
        requireChannels(call);
        return { shared };
      },
    }),
  },
});

/** Attributes of dropout. Kept values are scaled by 1 / (1 - rate). */
export interface DropoutAttributes {
  readonly rate: number;
}

function dropoutLayer(what: string): Layer<DropoutAttributes> {
  return layer({
    doc: `Drops ${what} during training and scales the others by \`1 / (1 - rate)\`.`,
    parameters: { rate: number({ least: 0, most: 1, open: true, text: 'at least 0 and less than 1' }) },
    attributes: ({ rate }) => ({ rate }),
  });
}

const dropout = operation<DropoutAttributes>({
  ...elementwise,
  mask: 'elements',
  figure: () => 'dropout',
  label: ({ attributes }) => `dropout ${attributes.rate}`,
  layers: { dropout: dropoutLayer('single values') },
});

const spatialDropout = operation<DropoutAttributes>({
  ...elementwise,
  mask: 'channels',
  figure: () => 'dropout',
  label: ({ attributes }) => `channel dropout ${attributes.rate}`,
  layers: { spatial_dropout: dropoutLayer('whole channels') },
});

/** Random numbers of the shape of the operand, whose values have no influence; zeros outside training. */
const noise = operation<object>({
  ...elementwise,
  figure: () => 'other',
  label: () => 'noise',
  layers: {
    noise: layer({
      doc: 'Independent standard normal numbers of the shape of its tensor during training; zeros in prediction.',
      attributes: () => ({}),
    }),
  },
});

/** An operation on one operand and a number; `reversed` puts the number on the left. */
export interface ScalarAttributes {
  readonly operator: ScalarOperator;
  readonly value: number;
  readonly reversed: boolean;
}

const scalar = operation<ScalarAttributes>({
  ...elementwise,
  keeps: ({ attributes: { operator, reversed } }) =>
    ['power', 'min', 'max'].includes(operator) || (operator === '/' && reversed) ? [0] : [],
  name: ({ operator }) => operatorNames[operator],
  figure: () => 'other',
  label: ({ attributes: { operator } }) => operatorNames[operator],
});

/** Two operands matched by axis name, the axes of one contained in the other's; sizes are equal or 1. */
export interface BinaryAttributes {
  readonly operator: BinaryOperator;
}

/** The tensors that the gradients of each operator need. */
const binaryKeeps: Readonly<Record<BinaryOperator, (gradients: Gradients) => readonly Kept[]>> = {
  '+': () => [],
  '-': () => [],
  '*': factorsOf,
  '/': ({ operands: [, divisor] }) => (divisor === true ? [1, 0] : [1]),
  min: () => [0, 1],
  max: () => [0, 1],
};

/** The factors of a product that gradients need: each whose other factor gets a gradient. */
export function factorsOf({ operands: [left, right] }: Gradients): readonly Kept[] {
  return [...(left === true ? [1] : []), ...(right === true ? [0] : [])];
}

const binary = operation<BinaryAttributes, 'min'>({
  operands: [2, 2],
  shape: (_, operands) => broadcast(operandAt(operands, 0), operandAt(operands, 1)),
  view: (op, operands) => ({ ...joined(operands), origins: originsByName(op, operands) }),
  keeps: ({ attributes }, gradients) => binaryKeeps[attributes.operator](gradients),
  name: ({ operator }) => operatorNames[operator],
  figure: () => 'join',
  label: ({ attributes: { operator } }) => operatorNames[operator],
  functions: {
    min: {
      doc: 'Minimum of numbers; of two tensors, or a tensor and a number, element by element.',
      positional: ['number'],
      any: true,
    },
  },
});

/**
 * Broadcasts: the axes of the operand with more of them (the first if equal); a size of 1 is replaced by the other's.
 */
function broadcast(left: Shape, right: Shape): Shape {
  const [larger, smaller] = right.length > left.length ? [right, left] : [left, right];
  smaller.forEach(({ name }) => axisOf(larger, name));
  return larger.map((axis) => {
    const other = smaller.find(({ name }) => name === axis.name);
    return other !== undefined && constantOf(axis.size) === 1 ? { name: axis.name, size: other.size } : axis;
  });
}

export const elementwiseOperations = { unary, prelu, dropout, spatial_dropout: spatialDropout, noise, scalar, binary };
