import * as tf from '@tensorflow/tfjs';
import type { BinaryOperator, ScalarOperator } from '../../contract/functions.js';
import { broadcast } from './broadcast.js';
import { broadcastable, joinedNames, type Names } from './named-axes.js';

/** Combines two operands by axis name; the axes of one are contained in those of the other, sizes are equal or 1. */
export function binary(operator: BinaryOperator, left: tf.Tensor, right: tf.Tensor, axes: readonly Names[]): tf.Tensor {
  const target = joinedNames(axes[0]!, axes[1]!);
  const a = broadcastable(left, axes[0]!, target);
  const b = broadcastable(right, axes[1]!, target);
  switch (operator) {
    case '+':
      return broadcast('+', a, b) ?? tf.add(a, b);
    case '-':
      return tf.sub(a, b);
    case '*':
      return broadcast('*', a, b) ?? tf.mul(a, b);
    case '/':
      return tf.div(a, b);
    case 'min':
      return tf.minimum(...alike(a, b));
    case 'max':
      return tf.maximum(...alike(a, b));
  }
}

/** Expands both to full size: tfjs's gradients of minimum and maximum do not sum over broadcast axes. */
function alike(a: tf.Tensor, b: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const full = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const whole = (x: tf.Tensor): tf.Tensor => (String(x.shape) === String(full) ? x : tf.add(x, tf.zeros(full)));
  return [whole(a), whole(b)];
}

/** Combines a tensor and a number; `reversed` puts the number on the left. */
export function withScalar(operator: ScalarOperator, x: tf.Tensor, value: number, reversed: boolean): tf.Tensor {
  switch (operator) {
    case '+':
      return tf.add(x, value);
    case '-':
      return reversed ? tf.sub(value, x) : tf.sub(x, value);
    case '*':
      return tf.mul(x, value);
    case '/':
      return reversed ? tf.div(value, x) : tf.mul(x, 1 / value);
    case 'min':
      return tf.minimum(x, value);
    case 'max':
      return tf.maximum(x, value);
    case 'power':
      return reversed ? tf.exp(tf.mul(x, Math.log(value))) : power(x, value);
  }
}

/** Computes small integer powers as products: tfjs's gradient of pow is NaN at 0 and for negative bases. */
function power(x: tf.Tensor, exponent: number): tf.Tensor {
  if (exponent === 1) return tf.mul(x, 1);
  if (exponent === 2) return tf.square(x);
  if (exponent === 0.5) return tf.sqrt(x);
  if (exponent === -0.5) return tf.rsqrt(x);
  if (exponent === -1) return tf.div(1, x);
  return tf.pow(x, exponent);
}
