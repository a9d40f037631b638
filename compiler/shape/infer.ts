/**
 * The shape rules of the IR, one per kind of operation and nowhere else: lowering asks them for each operation's shape,
 * the verifier asks them again. They are total for legal operands; anything else is a fault of ours and throws.
 */
import type { Attributes, Axis, OpKind, Operand, Padding, Shape } from '../ir/ir.js';
import { asFraction } from './fraction.js';
import { add, constant, constantOf, floorDivide, multiply, scale, type Size } from './size.js';

/** What a shape rule may know of an operand. */
export type ShapedOperand = Pick<Operand, 'shape' | 'batched'>;

type Rule<K extends OpKind> = (attributes: Attributes[K], operands: readonly ShapedOperand[]) => Shape;

/**
 * The output shape of an operation, channels first and without the batch. `input` and `param` have no operands to
 * infer from: their shapes are declared, and asking for them throws.
 */
export function inferShape<K extends OpKind>(
  kind: K,
  attributes: Attributes[K],
  operands: readonly ShapedOperand[],
): Shape {
  const rule: Rule<K> = rules[kind];
  return rule(attributes, operands);
}

const rules: { readonly [K in OpKind]: Rule<K> } = {
  input: () => fail('The shape of an input is declared, not inferred'),
  param: () => fail('The shape of a param is declared, not inferred'),
  conv: (attributes, operands) => local(operands, attributes.out, (size, axis) => windowed(size, attributes, axis)),
  depthwise_conv: (attributes, operands) =>
    local(operands, undefined, (size, axis) => windowed(size, attributes, axis)),
  transposed_conv: ({ out, kernel, stride, pad }, operands) =>
    local(operands, out, (size, axis) =>
      add(scale(size, at(stride, axis)), constant(at(kernel, axis) - at(stride, axis) - padded(pad, axis))),
    ),
  linear: ({ out }, operands) => local(operands, out, (size) => size),
  max_pool: (attributes, operands) => local(operands, undefined, (size, axis) => windowed(size, attributes, axis)),
  avg_pool: (attributes, operands) => local(operands, undefined, (size, axis) => windowed(size, attributes, axis)),
  group_norm: unchanged,
  instance_norm: unchanged,
  layer_norm: unchanged,
  unary: unchanged,
  prelu: unchanged,
  softmax: ({ over }, operands) => {
    over.forEach((name) => axisOf(operand(operands, 0), name));
    return operand(operands, 0);
  },
  dropout: unchanged,
  spatial_dropout: unchanged,
  resize: ({ scale: factors }, operands) =>
    factors === undefined
      ? like(operands)
      : local(operands, undefined, (size, axis) => scaled(size, at(factors, axis))),
  binary: (_, operands) => broadcast(operand(operands, 0), operand(operands, 1)),
  scalar: unchanged,
  reduce: ({ over }, operands) => {
    over.forEach((name) => axisOf(operand(operands, 0), name));
    return operand(operands, 0).filter(({ name }) => !over.includes(name));
  },
  concat: (_, operands) => concatenated(operands),
  einsum: ({ into }, operands) => {
    const axes = [...operand(operands, 0), ...operand(operands, 1)];
    return into.map((name) => axisOf(axes, name));
  },
  merge: ({ axes, into }, operands) => merged(operand(operands, 0), axes, into),
  split: ({ axis, into }, operands) => {
    axisOf(operand(operands, 0), axis);
    return operand(operands, 0).flatMap((each) => (each.name === axis ? into : [each]));
  },
  transpose: ({ order }, operands) => order.map((name) => axisOf(operand(operands, 0), name)),
  pick: (_, operands) => operand(operands, 0).slice(1),
  pad: ({ amounts }, operands) =>
    amounts === undefined
      ? like(operands)
      : local(operands, undefined, (size, axis) => add(size, constant(padded(amounts, axis)))),
  crop: ({ amounts }, operands) =>
    amounts === undefined
      ? like(operands)
      : local(operands, undefined, (size, axis) => add(size, constant(-padded(amounts, axis)))),
  roll: ({ shifts }, operands) => {
    shifts.forEach(({ axis }) => axisOf(operand(operands, 0), axis));
    return operand(operands, 0);
  },
};

function unchanged(_: unknown, operands: readonly ShapedOperand[]): Shape {
  return operand(operands, 0);
}

/** Channels (kept where `out` is undefined) and a rule for each spatial axis. */
function local(
  operands: readonly ShapedOperand[],
  out: number | undefined,
  spatial: (size: Size, axis: number) => Size,
): Shape {
  const [channels, ...others] = operand(operands, 0);
  if (channels === undefined) return fail('a tensor without channels');
  const first = out === undefined ? channels : { name: channels.name, size: constant(out) };
  return [first, ...others.map(({ name, size }, axis) => ({ name, size: spatial(size, axis) }))];
}

interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation?: readonly number[];
  readonly pad: Padding;
}

/** floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1. */
function windowed(size: Size, { kernel, stride, dilation, pad }: Window, axis: number): Size {
  const reach = (dilation === undefined ? 1 : at(dilation, axis)) * (at(kernel, axis) - 1);
  const last = add(size, constant(padded(pad, axis) - reach - 1));
  return add(floorDivide(last, at(stride, axis)), constant(1));
}

/** floor(n * factor), the factor taken as the fraction its decimal stands for. */
function scaled(size: Size, factor: number): Size {
  const { over, under } = asFraction(factor);
  return floorDivide(scale(size, over), under);
}

/** The first operand's channels and axis names with the second's spatial sizes. */
function like(operands: readonly ShapedOperand[]): Shape {
  const [, ...sizes] = operand(operands, 1);
  return local(operands, undefined, (_, axis) => at(sizes, axis).size);
}

/** The axes of the operand with more of them (the first where equal); a size of 1 gives way to the other's. */
function broadcast(left: Shape, right: Shape): Shape {
  const [larger, smaller] = right.length > left.length ? [right, left] : [left, right];
  smaller.forEach(({ name }) => axisOf(larger, name));
  return larger.map((axis) => {
    const other = smaller.find(({ name }) => name === axis.name);
    return other !== undefined && constantOf(axis.size) === 1 ? { name: axis.name, size: other.size } : axis;
  });
}

function concatenated(operands: readonly ShapedOperand[]): Shape {
  const [channels, ...others] = operand(operands, 0);
  if (channels === undefined) return fail('concat of tensors without channels');
  const sizes = operands.map(({ shape }) => at(shape, 0).size);
  return [{ name: channels.name, size: sizes.reduce(add) }, ...others];
}

function merged(shape: Shape, axes: readonly string[], into: string): Shape {
  const size = axes.map((name) => axisOf(shape, name).size).reduce(multiply);
  const place = shape.findIndex(({ name }) => axes.includes(name));
  return shape.flatMap((axis, index) => {
    if (index === place) return [{ name: into, size }];
    return axes.includes(axis.name) ? [] : [axis];
  });
}

/** A weight a layer owns by its kind: its name and shape (see `Weight` for the order of axes). */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * The weights an operation has by its kind, in the order they are stored; empty for kinds without. The weight of a
 * `param` is declared with it and is not here.
 */
export function weightShapes<K extends OpKind>(
  kind: K,
  attributes: Attributes[K],
  operands: readonly ShapedOperand[],
): readonly WeightShape[] {
  const rule: WeightRule<K> | undefined = weightRules[kind];
  return rule === undefined ? [] : rule(attributes, () => channelCount(operands));
}

type WeightRule<K extends OpKind> = (attributes: Attributes[K], channels: () => number) => readonly WeightShape[];

const weightRules: { readonly [K in OpKind]?: WeightRule<K> } = {
  conv: ({ out, kernel, groups, bias }, channels) =>
    withBias({ name: 'weight', shape: [out, channels() / groups, ...kernel] }, bias, out),
  depthwise_conv: ({ kernel, bias }, channels) =>
    withBias({ name: 'weight', shape: [channels(), 1, ...kernel] }, bias, channels()),
  transposed_conv: ({ out, kernel, bias }, channels) =>
    withBias({ name: 'weight', shape: [channels(), out, ...kernel] }, bias, out),
  linear: ({ out, bias }, channels) => withBias({ name: 'weight', shape: [out, channels()] }, bias, out),
  group_norm: affine,
  instance_norm: affine,
  layer_norm: affine,
  prelu: (_, channels) => [{ name: 'slope', shape: [channels()] }],
};

function affine(attributes: { readonly affine: boolean }, channels: () => number): readonly WeightShape[] {
  return attributes.affine ? withBias({ name: 'weight', shape: [channels()] }, true, channels()) : [];
}

function withBias(weight: WeightShape, bias: boolean, out: number): readonly WeightShape[] {
  return bias ? [weight, { name: 'bias', shape: [out] }] : [weight];
}

function channelCount(operands: readonly ShapedOperand[]): number {
  const count = constantOf(at(operand(operands, 0), 0).size);
  return count ?? fail('weights over channels whose number is not known');
}

function padded(pad: Padding, axis: number): number {
  const [before, after] = at(pad, axis);
  return before + after;
}

function operand(operands: readonly ShapedOperand[], index: number): Shape {
  return operands[index]?.shape ?? fail(`operand ${index} is missing`);
}

function axisOf(shape: Shape, name: string): Axis {
  return shape.find((axis) => axis.name === name) ?? fail(`no axis ${name}`);
}

function at<T>(list: readonly T[], index: number): T {
  return list[index] ?? fail(`no entry for axis ${index}`);
}

function fail(what: string): never {
  throw new Error(`shape rule: ${what}`);
}
