import * as tf from '@tensorflow/tfjs';
import { RuntimeLayer, type LogicalShape } from './base.js';
import type { Named } from './configs.js';

/**
 * Returns its first operand. It connects an input that this variant of a network does not use to the graph; otherwise
 * the model cannot be saved and loaded.
 */
export class Tie extends RuntimeLayer<Named> {
  static readonly className = 'UnetTie';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return x!;
  }
}

tf.serialization.registerClass(Tie);
