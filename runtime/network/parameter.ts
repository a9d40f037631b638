import type * as tf from '@tensorflow/tfjs';

/** A trainable tensor with its stable id. */
export interface Parameter {
  readonly id: string;
  readonly variable: tf.Variable;
}
