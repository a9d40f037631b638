/** Sums, means and maxima over named axes, and products summed over them. */
import type { Reduction } from '../../../contract/functions.js';
import { product } from '../tensor.js';
import { factorsOf } from './elementwise.js';
import { axisOf, operandAt, withAxes } from './shapes.js';
import { operation } from './traits.js';
import { contract, joined, normalized, nothing, originsByName } from './view.js';

/** exp(x) / sum(exp(x)), summed over all axes in `over` jointly. */
export interface SoftmaxAttributes {
  readonly over: readonly string[];
}

const softmax = operation<SoftmaxAttributes, 'softmax'>({
  shape: ({ over }, operands) => withAxes(operands, over),
  view: ({ attributes, operands }, [first = nothing]) => normalized(first, operandAt(operands, 0), attributes.over),
  keeps: () => ['output'],
  figure: () => 'activation',
  block: () => 'attention',
  label: () => 'softmax',
  functions: {
    softmax: {
      doc: 'Softmax over the axes `over` jointly: `exp(x)` divided by its sum.',
      positional: ['x'],
      named: ['over'],
    },
  },
});

export interface ReduceAttributes {
  readonly function: Reduction;
  readonly over: readonly string[];
}

const reduce = operation<ReduceAttributes, Reduction>({
  shape: ({ over }, operands) => withAxes(operands, over).filter(({ name }) => !over.includes(name)),
  view: (op, [first = nothing]) => {
    const { over } = op.attributes;
    const seen = contract(first, operandAt(op.operands, 0), (name) => over.includes(name));
    return { ...seen, origins: originsByName(op, [first]) };
  },
  keeps: ({ attributes }) => (attributes.function === 'max' ? [0, 'output'] : []),
  name: (attributes) => attributes.function,
  figure: () => 'other',
  label: ({ attributes }) => attributes.function,
  functions: {
    mean: { doc: 'Mean over the axes `over`, which are removed.', positional: ['x'], named: ['over'] },
    sum: { doc: 'Sum over the axes `over`, which are removed.', positional: ['x'], named: ['over'] },
    max: {
      doc: 'Maximum of numbers; of two tensors, or a tensor and a number, element by element; or of a tensor over the axes `over`.',
      positional: ['number'],
      any: true,
      optional: ['over'],
    },
  },
});

/** Multiplies two operands and sums over every axis that `into` omits. The output's axes are in the order of `into`. */
export interface EinsumAttributes {
  readonly into: readonly string[];
}

const einsum = operation<EinsumAttributes, 'einsum'>({
  operands: [2, 2],
  shape: ({ into }, operands) => {
    const axes = [...operandAt(operands, 0), ...operandAt(operands, 1)];
    return into.map((name) => axisOf(axes, name));
  },
  // The product of all its axes.
  macs: ({ operands }, at) => {
    const axes = new Map(operands.flatMap(({ shape }) => shape.map((axis) => [axis.name, axis] as const)));
    return product(at([...axes.values()]));
  },
  view: (op, operands) => {
    const { into } = op.attributes;
    const contracted = op.operands.map(({ shape }, index) =>
      contract(operands[index] ?? nothing, shape, (name) => !into.includes(name)),
    );
    return { ...joined(contracted), origins: originsByName(op, operands) };
  },
  keeps: (_, gradients) => factorsOf(gradients),
  figure: () => 'other',
  label: () => 'einsum',
  functions: {
    einsum: {
      doc: 'Sum of products over every axis that is not in `into`; the result has the axes of `into`, in order.',
      positional: ['a', 'b'],
      named: ['into'],
    },
  },
});

export const reductions = { softmax, reduce, einsum };
