import * as tf from '@tensorflow/tfjs';
import { prelu as preluOp } from '../ops/prelu.js';
import { unary as unaryOp } from '../ops/unary.js';
import { channelsOf, RuntimeLayer, type LogicalShape } from './base.js';
import type { PreluConfig, UnaryConfig } from './configs.js';

export class Unary extends RuntimeLayer<UnaryConfig> {
  static readonly className = 'UnetUnary';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return unaryOp(x!, this.config.function, this.config.slope);
  }
}

/** Weight `slope` `[C]`, or `[1]` if all channels share it. */
export class Prelu extends RuntimeLayer<PreluConfig> {
  static readonly className = 'UnetPrelu';

  protected override addWeights([x]: readonly LogicalShape[]): void {
    const { name, slope = 0.25, shared = false } = this.config;
    this.createWeight('slope', [shared ? 1 : channelsOf(x!, name)], { kind: 'constant', value: slope });
  }

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return preluOp(x!, this.weight('slope')!);
  }
}

tf.serialization.registerClass(Unary);
tf.serialization.registerClass(Prelu);
