/** Layers that change spatial sizes without weights: pools, resize, pad, crop. */
import * as tf from '@tensorflow/tfjs';
import { toLogicalOrder } from '../ops/layout.js';
import { centred, crop as cropOp, pad as padOp, padChannels } from '../ops/pad-crop.js';
import { avgPool as avgPoolOp, maxPool as maxPoolOp, type PoolAttributes } from '../ops/pool.js';
import { extend, resize as resizeOp } from '../ops/resize.js';
import { mapSpatial, RuntimeLayer, type Extent, type LogicalShape } from './base.js';
import type { Amounts, CropConfig, PadConfig, PoolConfig, ResizeConfig } from './configs.js';
import { windowOf, windowSizes } from './conv.js';

abstract class Pool extends RuntimeLayer<PoolConfig> {
  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return [...x!.slice(0, 2), ...windowSizes(x!, this.config)];
  }

  protected attributes(): PoolAttributes {
    const { stride, pad } = windowOf(this.config);
    return { kernel: this.config.kernel, stride, pad };
  }
}

export class MaxPool extends Pool {
  static readonly className = 'UnetMaxPool';

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return maxPoolOp(x!, this.attributes());
  }
}

export class AvgPool extends Pool {
  static readonly className = 'UnetAvgPool';

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return avgPoolOp(x!, this.attributes());
  }
}

/** Spatial sizes of a tensor in memory order. */
function spatialSizes(x: tf.Tensor): number[] {
  return toLogicalOrder(x.shape).slice(2);
}

export class Resize extends RuntimeLayer<ResizeConfig> {
  static readonly className = 'UnetResize';

  protected shapeOf([x, target]: readonly LogicalShape[]): LogicalShape {
    const sizes: readonly Extent[] =
      target === undefined ? mapSpatial(x!, (n, i) => Math.floor(n * this.config.scale![i]!)) : target.slice(2);
    return [...x!.slice(0, 2), ...sizes];
  }

  protected run([x, target]: readonly tf.Tensor[]): tf.Tensor {
    const sizes =
      target === undefined
        ? spatialSizes(x!).map((n, i) => Math.floor(n * this.config.scale![i]!))
        : spatialSizes(target);
    const { mode, alignCorners = false } = this.config;
    return resizeOp(x!, sizes, mode === 'linear' && alignCorners ? 'linear_corners' : mode);
  }
}

export class Pad extends RuntimeLayer<PadConfig> {
  static readonly className = 'UnetPad';

  protected shapeOf([x, target]: readonly LogicalShape[]): LogicalShape {
    const { channels = x![1]! } = this.config;
    const sizes = target?.slice(2) ?? mapSpatial(x!, (n, i) => this.sizeOf(n, i));
    return [x![0]!, channels, ...sizes];
  }

  protected run([x, target]: readonly tf.Tensor[]): tf.Tensor {
    const { mode = 'zeros', value = 0, channels, before } = this.config;
    const amounts =
      target === undefined ? this.amountsOf(spatialSizes(x!)) : centred(spatialSizes(x!), spatialSizes(target), before);
    const padded = mode === 'zeros' ? padOp(x!, amounts, value) : extend(x!, amounts, mode);
    return channels === undefined ? padded : padChannels(padded, channels);
  }

  private sizeOf(n: number, axis: number): number {
    const { amounts, multipleOf } = this.config;
    if (multipleOf !== undefined) return Math.ceil(n / multipleOf[axis]!) * multipleOf[axis]!;
    return n + amounts![axis]![0] + amounts![axis]![1];
  }

  private amountsOf(sizes: readonly number[]): Amounts {
    const { amounts, multipleOf } = this.config;
    return multipleOf === undefined ? amounts! : sizes.map((n, axis) => [0, this.sizeOf(n, axis) - n] as const);
  }
}

export class Crop extends RuntimeLayer<CropConfig> {
  static readonly className = 'UnetCrop';

  protected shapeOf([x, target]: readonly LogicalShape[]): LogicalShape {
    const { amounts } = this.config;
    const sizes = target?.slice(2) ?? mapSpatial(x!, (n, i) => n - amounts![i]![0] - amounts![i]![1]);
    return [...x!.slice(0, 2), ...sizes];
  }

  protected run([x, target]: readonly tf.Tensor[]): tf.Tensor {
    const { before } = this.config;
    const amounts =
      target === undefined ? this.config.amounts! : centred(spatialSizes(x!), spatialSizes(target), before);
    return cropOp(x!, amounts);
  }
}

for (const each of [MaxPool, AvgPool, Resize, Pad, Crop]) {
  tf.serialization.registerClass(each);
}
