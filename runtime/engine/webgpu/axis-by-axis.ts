import * as tf from '@tensorflow/tfjs';

/** The effect of a kernel along one axis, on `[before, n, after]`. */
export type OneAxis = (x: tf.Tensor3D, axis: number, attributes: Readonly<Record<string, unknown>>) => tf.Tensor;

/** Applies a kernel that treats each axis separately to a tensor of any rank. Always returns a new tensor. */
export function axisByAxis(x: tf.Tensor, oneAxis: OneAxis, attributes: Readonly<Record<string, unknown>>): tf.Tensor {
  let result = x.clone();
  for (let axis = 0; axis < x.shape.length; axis++) {
    const { shape } = result;
    const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
    const view = tf.reshape<tf.Rank.R3>(result, [sizeOf(before), shape[axis]!, sizeOf(after)]);
    const changed = oneAxis(view, axis, attributes);
    result = changed.reshape([...before, changed.shape[1]!, ...after]);
  }
  return result;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, each) => total * each, 1);
}
