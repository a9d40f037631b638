import * as tf from '@tensorflow/tfjs';
import { linear as linearOp } from '../ops/linear.js';
import { channelsOf, RuntimeLayer, type LogicalShape } from './base.js';
import type { LinearConfig } from './configs.js';

/** Weights `weight` `[out, in]` and, with bias, `bias` `[out]`. */
export class Linear extends RuntimeLayer<LinearConfig> {
  static readonly className = 'UnetLinear';

  protected override addWeights([x]: readonly LogicalShape[]): void {
    const { out, bias = false, name } = this.config;
    this.createWeight('weight', [out, channelsOf(x!, name)], 'linear');
    if (bias) this.createWeight('bias', [out], 'linear');
  }

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return [x![0]!, this.config.out, ...x!.slice(2)];
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return linearOp(x!, this.weight('weight')!, this.weight('bias'));
  }
}

tf.serialization.registerClass(Linear);
