import * as tf from '@tensorflow/tfjs';
import { ones, zeros } from '../../contract/initial.js';
import { toLogicalOrder } from '../ops/layout.js';
import { norm, type NormAttributes } from '../ops/norm.js';
import { channelsOf, RuntimeLayer, type LogicalShape } from './base.js';
import type { GroupNormConfig, NormConfig } from './configs.js';

/** Weights `weight` and `bias` `[C]`, if affine. */
abstract class Norm<C extends NormConfig> extends RuntimeLayer<C> {
  protected abstract attributes(channels: number): Omit<NormAttributes, 'epsilon'>;

  protected override addWeights([x]: readonly LogicalShape[]): void {
    if (this.config.affine === false) return;
    const channels = channelsOf(x!, this.config.name);
    this.createWeight('weight', [channels], ones);
    this.createWeight('bias', [channels], zeros);
  }

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    const channels = toLogicalOrder(x!.shape)[1]!;
    const gamma = this.weight('weight') ?? tf.ones([channels]);
    const beta = this.weight('bias') ?? tf.zeros([channels]);
    return norm(x!, gamma, beta, { ...this.attributes(channels), epsilon: this.config.epsilon ?? 1e-5 });
  }
}

export class GroupNorm extends Norm<GroupNormConfig> {
  static readonly className = 'UnetGroupNorm';

  protected attributes(): Omit<NormAttributes, 'epsilon'> {
    return { groups: this.config.groups, acrossPositions: true };
  }
}

export class InstanceNorm extends Norm<NormConfig> {
  static readonly className = 'UnetInstanceNorm';

  protected attributes(channels: number): Omit<NormAttributes, 'epsilon'> {
    return { groups: channels, acrossPositions: true };
  }
}

export class LayerNorm extends Norm<NormConfig> {
  static readonly className = 'UnetLayerNorm';

  protected attributes(): Omit<NormAttributes, 'epsilon'> {
    return { groups: 1, acrossPositions: false };
  }
}

tf.serialization.registerClass(GroupNorm);
tf.serialization.registerClass(InstanceNorm);
tf.serialization.registerClass(LayerNorm);
