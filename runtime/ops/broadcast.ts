/**
 * Combines a full tensor with one that is repeated along some adjacent axes, such as a gate or a bias. Kernel
 * `UnetBroadcast`: tfjs's own gradients sum over the repeated axes with the backend's Sum, which is slow on wasm.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type Kernel } from './kernel.js';
import { sumMiddle } from './reduce.js';
import { product } from './spatial.js';

interface BroadcastAttributes {
  readonly operator: '+' | '*';
}

const kernel: Kernel<BroadcastAttributes> = defineKernel<BroadcastAttributes>({
  name: 'UnetBroadcast',
  spatial: [],
  saved: ['full', 'repeated'],
  lowered: ({ full, repeated }, { operator }) =>
    operator === '+' ? tf.add(full!, repeated!) : tf.mul(full!, repeated!),
  gradient: (dy, { full, repeated }, { operator }) => ({
    full: () => (operator === '+' ? dy.clone() : tf.mul(dy, repeated!)),
    repeated: () => sumTo(operator === '+' ? dy : tf.mul(dy, full!), repeated!.shape),
  }),
});

/** The first and last of the axes along which a tensor of shape `small` is repeated to have shape `large`. */
function repeatedAxes(large: readonly number[], small: readonly number[]): readonly [number, number] | undefined {
  if (large.length !== small.length) return undefined;
  const axes = [...large.keys()].filter((axis) => large[axis] !== small[axis]);
  const [first] = axes;
  const last = axes.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const between = small.slice(first, last + 1);
  return between.every((size) => size === 1) ? [first, last] : undefined;
}

function sumTo(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const [first, last] = repeatedAxes(x.shape, shape)!;
  const view = x.reshape([
    product(x.shape.slice(0, first)),
    product(x.shape.slice(first, last + 1)),
    product(x.shape.slice(last + 1)),
  ]);
  return sumMiddle(view).reshape([...shape]);
}

/** `a` operator `b` if one is repeated along adjacent axes to the shape of the other; else undefined. */
export function broadcast(operator: '+' | '*', a: tf.Tensor, b: tf.Tensor): tf.Tensor | undefined {
  const run = (full: tf.Tensor, repeated: tf.Tensor): tf.Tensor =>
    kernel.applyAs({ full, repeated }, { operator, layout: 'channels-last' });
  if (repeatedAxes(a.shape, b.shape) !== undefined) return run(a, b);
  return repeatedAxes(b.shape, a.shape) === undefined ? undefined : run(b, a);
}
