/**
 * The memory layout of tensors. Everything outside the layers uses logical axes `[N, a0, a1, ..., an]`, channels first
 * after the batch. Physically a tensor is `[N, a1, ..., an, a0]` in the channels-last layout and `[N, a0, ..., an]` in
 * the channels-first one. The rule is purely positional, so it applies to any axes and any rank.
 */
import * as tf from '@tensorflow/tfjs';
import { permute } from './permute.js';

export type Layout = 'channels-last' | 'channels-first';

let current: Layout = 'channels-last';

export function layout(): Layout {
  return current;
}

/** Set once, when an engine is selected: tensors created earlier are invalid afterwards. */
export function setLayout(next: Layout): void {
  current = next;
}

/** Reorders a list from logical order (batch first) to memory order. Works for shapes, names and indices. */
export function toPhysicalOrder<T>(logical: readonly T[]): T[] {
  if (current === 'channels-first' || logical.length < 3) return [...logical];
  return [logical[0]!, ...logical.slice(2), logical[1]!];
}

/** The inverse of `toPhysicalOrder`. */
export function toLogicalOrder<T>(physical: readonly T[]): T[] {
  if (current === 'channels-first' || physical.length < 3) return [...physical];
  return [physical[0]!, physical.at(-1)!, ...physical.slice(1, -1)];
}

/** The memory position of a logical axis, both counting the batch as 0; `rank` includes the batch. */
export function physicalAxis(logicalAxis: number, rank: number): number {
  return toPhysicalOrder([...Array(rank).keys()]).indexOf(logicalAxis);
}

/**
 * Converts `[N, C, D, H, W]` (any rank) to the current layout. Always returns a new tensor, which the caller disposes
 * of.
 */
export function toPhysical(logical: tf.Tensor): tf.Tensor {
  return tf.tidy(() => permute(logical, toPhysicalOrder([...Array(logical.rank).keys()])));
}

/**
 * Converts a tensor in the current layout to `[N, C, D, H, W]` (any rank). Always returns a new tensor, which the
 * caller disposes of.
 */
export function fromPhysical(physical: tf.Tensor): tf.Tensor {
  return tf.tidy(() => permute(physical, toLogicalOrder([...Array(physical.rank).keys()])));
}
