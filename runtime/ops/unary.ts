/** Elementwise functions; formulas as in PyTorch's functions of the same names. */
import * as tf from '@tensorflow/tfjs';
import type { UnaryFunction } from '../../contract/functions.js';
import { gelu } from './gelu.js';

/** `slope` is used by `leaky_relu` only. */
export function unary(x: tf.Tensor, name: UnaryFunction, slope = 0.01): tf.Tensor {
  switch (name) {
    case 'relu':
      return tf.relu(x);
    case 'leaky_relu':
      return tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), slope));
    case 'elu':
      return elu(x);
    case 'gelu':
      return gelu(x);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'tanh':
      return tf.tanh(x);
    case 'softplus':
      return softplus(x);
    case 'exp':
      return tf.exp(x);
    case 'log':
      return tf.log(x);
    case 'sqrt':
      return tf.sqrt(x);
    case 'abs':
      return tf.abs(x);
    case 'negate':
      return tf.neg(x);
  }
}

/** exp(x) - 1 below zero. Composed of other operations: the backends' Elu disagree on its gradient. */
function elu(x: tf.Tensor): tf.Tensor {
  return tf.add(tf.relu(x), tf.sub(tf.exp(tf.neg(tf.relu(tf.neg(x)))), 1));
}

/** log(1 + exp(x)) without overflow: max(x, 0) + log(1 + exp(-|x|)). */
function softplus(x: tf.Tensor): tf.Tensor {
  return tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
}
