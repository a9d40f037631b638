import * as tf from '@tensorflow/tfjs';
import { dropout as dropoutOp, spatialDropout as spatialDropoutOp } from '../ops/dropout.js';
import { RuntimeLayer, type LogicalShape } from './base.js';
import type { DropoutConfig } from './configs.js';

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

tf.serialization.registerClass(Dropout);
tf.serialization.registerClass(SpatialDropout);
