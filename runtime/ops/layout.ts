/**
 * How tensors lie in memory. Everything outside the layers thinks in logical axes `[N, a0, a1, .., an]`, channels
 * first after the batch. Physically a tensor is `[N, a1, .., an, a0]` in the channels-last layout and `[N, a0, .., an]`
 * in the channels-first one. The rule is purely positional, so it holds for any axes and any rank.
 */
import * as tf from '@tensorflow/tfjs';
import { permute } from './permute.js';

export type Layout = 'channels-last' | 'channels-first';

let current: Layout = 'channels-last';

export function layout(): Layout {
  return current;
}

/** Set once, when an engine is selected: tensors made before do not fit afterwards. */
export function setLayout(next: Layout): void {
  current = next;
}

/** A list in logical order (batch first), rearranged to the order in memory. Works for shapes, names and indices. */
export function toPhysicalOrder<T>(logical: readonly T[]): T[] {
  if (current === 'channels-first' || logical.length < 3) return [...logical];
  return [logical[0]!, ...logical.slice(2), logical[1]!];
}

/** The inverse of `toPhysicalOrder`. */
export function toLogicalOrder<T>(physical: readonly T[]): T[] {
  if (current === 'channels-first' || physical.length < 3) return [...physical];
  return [physical[0]!, physical.at(-1)!, ...physical.slice(1, -1)];
}

/** Position in memory of a logical axis, both counting the batch as 0; `rank` includes the batch. */
export function physicalAxis(logicalAxis: number, rank: number): number {
  return toPhysicalOrder([...Array(rank).keys()]).indexOf(logicalAxis);
}

/** `[N, C, D, H, W]` (any rank) as the current layout has it: always a tensor of its own, which the caller frees. */
export function toPhysical(logical: tf.Tensor): tf.Tensor {
  return tf.tidy(() => permute(logical, toPhysicalOrder([...Array(logical.rank).keys()])));
}

/** A tensor of the current layout as `[N, C, D, H, W]` (any rank), likewise. */
export function fromPhysical(physical: tf.Tensor): tf.Tensor {
  return tf.tidy(() => permute(physical, toLogicalOrder([...Array(physical.rank).keys()])));
}
