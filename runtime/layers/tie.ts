import * as tf from '@tensorflow/tfjs';
import { PassThrough } from './base.js';

/**
 * Returns its first operand. It connects an input that this variant of a network does not use to the graph; otherwise
 * the model cannot be saved and loaded.
 */
export class Tie extends PassThrough {
  static readonly className = 'UnetTie';
}

tf.serialization.registerClass(Tie);
