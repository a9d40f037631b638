/** Building blocks of shape rules. */
import type { Axis, Padding, Shape, ShapedOperand, WeightShape } from '../tensor.js';
import { add, constant, constantOf, floorDivide, type Size } from '../../shape/size.js';

/** A window that moves over the spatial axes; per-axis lists follow their order. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation?: readonly number[];
  readonly pad: Padding;
}

/** The first operand's shape. */
export function unchanged(_: unknown, operands: readonly ShapedOperand[]): Shape {
  return operandAt(operands, 0);
}

/** The first operand's shape, which must have the axes `names`. */
export function withAxes(operands: readonly ShapedOperand[], names: readonly string[]): Shape {
  const shape = operandAt(operands, 0);
  names.forEach((name) => axisOf(shape, name));
  return shape;
}

/** Channels (kept if `out` is undefined) and a rule for each spatial axis. */
export function local(
  operands: readonly ShapedOperand[],
  out: number | undefined,
  spatial: (size: Size, axis: number) => Size,
): Shape {
  const [channels, ...others] = operandAt(operands, 0);
  if (channels === undefined) return fail('a tensor without channels');
  const first = out === undefined ? channels : { name: channels.name, size: constant(out) };
  return [first, ...others.map(({ name, size }, axis) => ({ name, size: spatial(size, axis) }))];
}

/** The first operand's channels and axis names with the second's spatial sizes. */
export function like(operands: readonly ShapedOperand[]): Shape {
  const [, ...sizes] = operandAt(operands, 1);
  return local(operands, undefined, (_, axis) => at(sizes, axis).size);
}

/** floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1. */
export function windowedSize(size: Size, { kernel, stride, dilation, pad }: Window, axis: number): Size {
  const reach = (dilation === undefined ? 1 : at(dilation, axis)) * (at(kernel, axis) - 1);
  const last = add(size, constant(padded(pad, axis) - reach - 1));
  return add(floorDivide(last, at(stride, axis)), constant(1));
}

/** The total padding of an axis. */
export function padded(pad: Padding, axis: number): number {
  const [before, after] = at(pad, axis);
  return before + after;
}

/** A weight, and a bias of `out` values if there is one. */
export function withBias(weight: WeightShape, bias: boolean, out: number): readonly WeightShape[] {
  return bias ? [weight, { name: 'bias', shape: [out] }] : [weight];
}

/** The number of channels of the first operand. */
export function channelsOf(operands: readonly ShapedOperand[]): number {
  const count = constantOf(at(operandAt(operands, 0), 0).size);
  return count ?? fail('weights over channels whose number is not known');
}

export function operandAt(operands: readonly ShapedOperand[], index: number): Shape {
  return operands[index]?.shape ?? fail(`operand ${index} is missing`);
}

export function axisOf(shape: Shape, name: string): Axis {
  return shape.find((axis) => axis.name === name) ?? fail(`no axis ${name}`);
}

export function at<T>(list: readonly T[], index: number): T {
  return list[index] ?? fail(`no entry for axis ${index}`);
}

/** Reports a bug in the compiler: operands are checked before they reach a shape rule. */
export function fail(what: string): never {
  throw new Error(`shape rule: ${what}`);
}
