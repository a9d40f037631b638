/**
 * Test data and differences between results. Nothing here reads a tensor synchronously, because a GPU cannot do that.
 */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '../random/random-stream.js';

/** Standard normal numbers, reproducible for each key. */
export function normals(shape: readonly number[], key: string): tf.Tensor {
  const random = randomStream(7, key);
  const size = shape.reduce((total, each) => total * each, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    [...shape],
    'float32',
  );
}

/**
 * The largest difference between two lists, relative to the largest expected value (1 if all are smaller); infinite if
 * lengths differ or a number is not finite.
 */
export function difference(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Infinity;
  let worst = 0;
  let scale = 1;
  for (let i = 0; i < got.length; i++) {
    const apart = Math.abs(got[i]! - wanted[i]!);
    if (!Number.isFinite(apart)) return Infinity;
    worst = Math.max(worst, apart);
    scale = Math.max(scale, Math.abs(wanted[i]!));
  }
  return worst / scale;
}

async function dot(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  const [left, right] = [await a.data(), await b.data()];
  let total = 0;
  for (let i = 0; i < left.length; i++) total += left[i]! * right[i]!;
  return total;
}

/** A slope along one direction of one input, from the gradient and from central differences. */
export interface Slope {
  readonly input: number;
  readonly analytic: number;
  readonly numeric: number;
  /** Their difference relative to the largest of 1, the slope, and the effect of rounding the result's values. */
  readonly error: number;
}

export type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;

/**
 * The gradient of sum(f(inputs) * r), r random, along random directions and along single entries of each input,
 * against central differences. The sums are in double precision; f itself is in single.
 * @param step length of a difference
 */
export async function slopes(f: Operation, inputs: readonly tf.Tensor[], step = 1e-2): Promise<Slope[]> {
  const y = f(...inputs);
  const weights = normals(y.shape, 'weights');
  const gradients = tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs), weights)))([...inputs]);
  const found: Slope[] = [];
  for (const [index, input] of inputs.entries()) {
    const gradient = gradients[index]!;
    if (String(gradient.shape) !== String(input.shape))
      throw new Error(`the gradient of input ${index} is [${String(gradient.shape)}], not [${String(input.shape)}]`);
    for (const direction of directions(input, index)) {
      const moved = async (by: number): Promise<number> => {
        const result = tf.tidy(() =>
          f(...inputs.map((each, i) => (i === index ? tf.add(each, tf.mul(direction, by)) : each))),
        );
        const value = await dot(result, weights);
        result.dispose();
        return value;
      };
      const numeric = ((await moved(step)) - (await moved(-step))) / (2 * step);
      const analytic = await dot(gradient, direction);
      const scale = Math.max(1, Math.abs(numeric), Math.sqrt(y.size) / 4);
      found.push({ input: index, analytic, numeric, error: Math.abs(numeric - analytic) / scale });
      direction.dispose();
    }
  }
  tf.dispose([y, weights, gradients]);
  return found;
}

function directions(input: tf.Tensor, index: number): tf.Tensor[] {
  const random = [0, 1].map((i) =>
    tf.tidy(() => tf.div(normals(input.shape, `direction ${index} ${i}`), Math.sqrt(input.size / 4))),
  );
  const single = [0, 1, 2].map((i) => {
    const values = new Float32Array(input.size);
    values[Math.floor(((i + 0.5) / 3) * input.size)] = 1;
    return tf.tensor(values, input.shape);
  });
  return [...random, ...single];
}
