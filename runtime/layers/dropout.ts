import * as tf from '@tensorflow/tfjs';
import { dropout as dropoutOp, noise as noiseOp, spatialDropout as spatialDropoutOp } from '../ops/dropout.js';
import { RuntimeLayer, type LogicalShape } from './base.js';
import type { DropoutConfig, Named } from './configs.js';

/** Active only during training; see `setRandomness` for its masks. */
export class Dropout extends RuntimeLayer<DropoutConfig> {
  static readonly className = 'UnetDropout';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[], training: boolean): tf.Tensor {
    return training ? dropoutOp(x!, this.config.rate, this.config.name) : x!;
  }
}

/** Drops whole channels; active only during training. */
export class SpatialDropout extends RuntimeLayer<DropoutConfig> {
  static readonly className = 'UnetSpatialDropout';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[], training: boolean): tf.Tensor {
    return training ? spatialDropoutOp(x!, this.config.rate, this.config.name) : x!;
  }
}

/** Standard normal numbers of the shape of the operand during training, zeros otherwise. */
export class Noise extends RuntimeLayer<Named> {
  static readonly className = 'UnetNoise';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[], training: boolean): tf.Tensor {
    return training ? noiseOp(x!, this.config.name) : tf.zerosLike(x!);
  }
}

tf.serialization.registerClass(Dropout);
tf.serialization.registerClass(Noise);
tf.serialization.registerClass(SpatialDropout);
