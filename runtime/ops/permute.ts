import * as tf from '@tensorflow/tfjs';

/**
 * Reorders axes: axis i of the result is axis `order[i]` of `x`. Axes that stay adjacent move as one and axes of size 1
 * are dropped, so that the backend sees the lowest possible rank (GPU backends support at most 6, and kernels for low
 * ranks are faster). A permutation that moves nothing is a reshape. Differentiable.
 */
export function permute(x: tf.Tensor, order: readonly number[]): tf.Tensor {
  const shape = order.map((axis) => x.shape[axis]!);
  const groups = joinedAxes(x.shape, order);
  const sorted = [...groups].sort((a, b) => a.first - b.first);
  if (groups.every((group, index) => group === sorted[index])) return x.reshape(shape);
  const joined = x.reshape(sorted.map((group) => group.size));
  return tf
    .transpose(
      joined,
      groups.map((group) => sorted.indexOf(group)),
    )
    .reshape(shape);
}

interface AxisGroup {
  readonly first: number;
  last: number;
  size: number;
}

/** Runs of axes that are adjacent both before and after, in the order after. */
function joinedAxes(shape: readonly number[], order: readonly number[]): AxisGroup[] {
  const wide = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const groups: AxisGroup[] = [];
  for (const axis of order.filter((each) => shape[each] !== 1)) {
    const rank = wide.indexOf(axis);
    const open = groups.at(-1);
    if (open !== undefined && open.last + 1 === rank) {
      open.last = rank;
      open.size *= shape[axis]!;
    } else groups.push({ first: rank, last: rank, size: shape[axis]! });
  }
  return groups;
}
