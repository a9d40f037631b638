import * as tf from '@tensorflow/tfjs';
import { ones, zeros } from '../../contract/initial.js';
import { toLogicalOrder } from '../ops/layout.js';
import { affine } from '../ops/affine.js';
import { batchMoments } from '../ops/moments.js';
import { norm, type NormAttributes } from '../ops/norm.js';
import { isHeld, moveTowards } from '../ops/running.js';
import { UserError } from '../errors/user-error.js';
import { channelsOf, RuntimeLayer, type LogicalShape } from './base.js';
import type { BatchNormConfig, GroupNormConfig, NormConfig } from './configs.js';

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

  protected run([x]: readonly tf.Tensor[], _training: boolean): tf.Tensor {
    const channels = toLogicalOrder(x!.shape)[1]!;
    const { gamma, beta } = this.affine(channels);
    return norm(x!, gamma, beta, { ...this.attributes(channels), epsilon: this.epsilon });
  }

  protected get epsilon(): number {
    return this.config.epsilon ?? 1e-5;
  }

  protected affine(channels: number): { readonly gamma: tf.Tensor; readonly beta: tf.Tensor } {
    return {
      gamma: this.weight('weight') ?? tf.ones([channels]),
      beta: this.weight('bias') ?? tf.zeros([channels]),
    };
  }
}

export class GroupNorm extends Norm<GroupNormConfig> {
  static readonly className = 'UnetGroupNorm';

  protected attributes(): Omit<NormAttributes, 'epsilon'> {
    return { groups: this.config.groups, across: 'case' };
  }
}

export class InstanceNorm extends Norm<NormConfig> {
  static readonly className = 'UnetInstanceNorm';

  protected attributes(channels: number): Omit<NormAttributes, 'epsilon'> {
    return { groups: channels, across: 'case' };
  }
}

export class LayerNorm extends Norm<NormConfig> {
  static readonly className = 'UnetLayerNorm';

  protected attributes(): Omit<NormAttributes, 'epsilon'> {
    return { groups: 1, across: 'position' };
  }
}

/**
 * In training by the statistics of the batch, towards which it moves the running ones, as PyTorch: the batch is normalised
 * with its biased variance, and the running variance is unbiased. In prediction, or if frozen, by the running statistics
 * `running_mean` and `running_var` `[C]`.
 */
export class BatchNorm extends Norm<BatchNormConfig> {
  static readonly className = 'UnetBatchNorm';

  protected override addWeights(inputs: readonly LogicalShape[]): void {
    super.addWeights(inputs);
    const channels = channelsOf(inputs[0]!, this.config.name);
    this.createStatistic('running_mean', [channels], zeros);
    this.createStatistic('running_var', [channels], ones);
  }

  protected attributes(channels: number): Omit<NormAttributes, 'epsilon'> {
    return { groups: channels, across: 'batch' };
  }

  protected override run([x]: readonly tf.Tensor[], training: boolean): tf.Tensor {
    const [mean, variance] = [this.statistic('running_mean'), this.statistic('running_var')];
    const isFrozen = this.config.frozen === true || (isHeld(mean) && isHeld(variance));
    if (!training || isFrozen) return this.byRunningStatistics(x!);
    if (x!.size === mean.size) throw singleValue(this.config.name);
    moveTowards([mean, variance], () => batchMoments(x!), this.config.momentum ?? 0.1);
    return super.run([x!], training);
  }

  private byRunningStatistics(x: tf.Tensor): tf.Tensor {
    const [mean, variance] = [this.statistic('running_mean'), this.statistic('running_var')];
    const { gamma, beta } = this.affine(mean.size);
    const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance, this.epsilon)));
    return affine(x, factor, tf.sub(beta, tf.mul(mean, factor)));
  }
}

function singleValue(name: string): UserError {
  return new UserError(
    'UNET6079',
    `The batch norm \`${name}\` cannot be trained on this batch: it has a single value per channel, which has no variance.`,
    'Use a larger patch or batch, or another norm at this place.',
  );
}

tf.serialization.registerClass(BatchNorm);
tf.serialization.registerClass(GroupNorm);
tf.serialization.registerClass(InstanceNorm);
tf.serialization.registerClass(LayerNorm);
