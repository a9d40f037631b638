/** Operations that join, split, order or shift named axes. */
import type { Axis, Shape } from '../tensor.js';
import { add, constant, formatSize, multiply, symbolsOf, type Size } from '../../shape/size.js';
import type { Instance } from './operation.js';
import { at, axisOf, fail, operandAt, withAxes } from './shapes.js';
import { operation, rearranging } from './traits.js';
import { joined, mergeOrigins, none, nothing, originsByName, sizesOf, splitOrigin, type Origin } from './view.js';

/** Joins operands along their first axis, in order. */
const concat = operation<Record<never, never>, 'concat'>({
  operands: [1, Infinity],
  shape: (_, operands) => {
    const [channels, ...others] = operandAt(operands, 0);
    if (channels === undefined) return fail('concat of tensors without channels');
    const sizes = operands.map(({ shape }) => at(shape, 0).size);
    return [{ name: channels.name, size: sizes.reduce(add) }, ...others];
  },
  view: (op, operands) => ({ ...joined(operands), origins: originsByName(op, operands) }),
  figure: () => 'join',
  label: () => 'concat',
  functions: {
    concat: {
      doc: 'Concatenates tensors along the channels; a list is treated as its elements.',
      positional: ['tensor'],
      any: true,
    },
  },
});

/**
 * Merges `axes` into one axis `into`, the first of `axes` varying slowest, at the position of the first. The other axes
 * keep their order.
 */
export interface MergeAttributes {
  readonly axes: readonly string[];
  readonly into: string;
}

const merge = operation<MergeAttributes, 'merge'>({
  ...rearranging,
  shape: ({ axes, into }, operands) => merged(operandAt(operands, 0), axes, into),
  view: (op, [first = nothing]) => {
    const { axes, into } = op.attributes;
    const shape = operandAt(op.operands, 0);
    const originOf = (name: string): Origin => first.origins[shape.findIndex((axis) => axis.name === name)] ?? none;
    const origins = op.shape.map(({ name }) => (name === into ? mergeOrigins(axes.map(originOf)) : originOf(name)));
    return { ...first, origins };
  },
  label: () => 'merge',
  functions: {
    merge: {
      doc: 'Merges several axes into one, `into`, at the position of the first; the first axis varies slowest.',
      positional: ['x', 'axes'],
      named: ['into'],
    },
  },
});

function merged(shape: Shape, axes: readonly string[], into: string): Shape {
  const size = axes.map((name) => axisOf(shape, name).size).reduce(multiply);
  const place = shape.findIndex(({ name }) => axes.includes(name));
  return shape.flatMap((axis, index) => {
    if (index === place) return [{ name: into, size }];
    return axes.includes(axis.name) ? [] : [axis];
  });
}

/**
 * The inverse of `merge`: splits `axis` into `into`, first slowest, at the same position. The last symbolic size is
 * inferred from the others (`sizesAsked`), which are sizes of images passed as further operands.
 */
export interface SplitAttributes {
  readonly axis: string;
  readonly into: readonly Axis[];
}

/** The symbolic sizes of a split that must be known at run time: all but the last. */
export function sizesAsked(into: readonly Axis[]): readonly Size[] {
  return into.flatMap(({ size }) => (size.kind === 'constant' ? [] : [size])).slice(0, -1);
}

const split = operation<SplitAttributes, 'split'>({
  ...rearranging,
  operands: [1, Infinity],
  shape: ({ axis, into }, operands) =>
    withAxes(operands, [axis]).flatMap((each) => (each.name === axis ? into : [each])),
  view: (op, [first = nothing], patch) => {
    const { axis, into } = op.attributes;
    const origins = operandAt(op.operands, 0).flatMap(({ name }, index) => {
      const origin = first.origins[index] ?? none;
      return name === axis ? splitOrigin(origin, sizesOf(into, patch)) : [origin];
    });
    return { ...first, origins };
  },
  problems: unknownSizes,
  label: () => 'split',
  functions: {
    split: {
      doc: 'Splits one axis into several at its position; one size may be omitted.',
      positional: ['x', 'axis'],
      named: ['into'],
    },
  },
});

/** Sizes of a split that cannot be inferred from its axis must be axis sizes of its further operands. */
function unknownSizes({ attributes, operands }: Instance<SplitAttributes>): readonly string[] {
  const known = new Set(operands.slice(1).flatMap(({ shape }) => shape.map(({ size }) => formatSize(size))));
  const asked = new Set(sizesAsked(attributes.into).flatMap((size) => [...symbolsOf(size)]));
  return [...asked].filter((name) => !known.has(name)).map((name) => `no operand gives the size of the axis ${name}`);
}

/** The operand's axes in another order. */
export interface TransposeAttributes {
  readonly order: readonly string[];
}

const transpose = operation<TransposeAttributes, 'permute'>({
  ...rearranging,
  shape: ({ order }, operands) => order.map((name) => axisOf(operandAt(operands, 0), name)),
  view: (op, [first = nothing]) => ({ ...first, origins: originsByName(op, [first]) }),
  label: () => 'transpose',
  functions: {
    permute: { doc: 'The same tensor with its axes in the order `into`.', positional: ['x'], named: ['into'] },
  },
});

/** Elements of axes at fixed indices, in their order; an index may occur several times. Each axis keeps its name. */
export interface TakeAttributes {
  readonly parts: readonly { readonly axis: string; readonly indices: readonly number[] }[];
}

const take = operation<TakeAttributes>({
  ...rearranging,
  shape: ({ parts }, operands) =>
    withAxes(
      operands,
      parts.map(({ axis }) => axis),
    ).map((each) => {
      const part = parts.find(({ axis }) => axis === each.name);
      return part === undefined ? each : { name: each.name, size: constant(part.indices.length) };
    }),
  label: () => 'slice',
});

/** The positions 0, 1, ... along an axis of the operand, as a tensor with this axis alone. */
export interface ArangeAttributes {
  readonly axis: string;
}

const arange = operation<ArangeAttributes, 'arange'>({
  shape: ({ axis }, operands) => [axisOf(operandAt(operands, 0), axis)],
  view: ({ shape }) => ({ ...nothing, origins: shape.map(() => none) }),
  figure: () => 'other',
  label: () => 'positions',
  functions: {
    arange: {
      doc: 'The positions 0, 1, ... along the axis `over` of a tensor, as a tensor with this axis alone.',
      positional: ['x'],
      named: ['over'],
    },
  },
});

/** Circular shift along named axes, as numpy.roll. */
export interface RollAttributes {
  readonly shifts: readonly { readonly axis: string; readonly by: number }[];
}

const roll = operation<RollAttributes, 'roll'>({
  ...rearranging,
  shape: ({ shifts }, operands) =>
    withAxes(
      operands,
      shifts.map(({ axis }) => axis),
    ),
  label: () => 'roll',
  functions: {
    roll: { doc: 'Circular shift along axes, like `numpy.roll`.', positional: ['x'], named: ['axis', 'by'] },
  },
});

export const axisOperations = { concat, merge, split, transpose, take, arange, roll };
