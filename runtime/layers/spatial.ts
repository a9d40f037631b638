/** Layers that change spatial sizes without weights: pools, resize, pad, crop. */
import * as tf from '@tensorflow/tfjs';
import { toLogicalOrder } from '../ops/layout.js';
import { centred, crop as cropOp, pad as padOp } from '../ops/pad-crop.js';
import { avgPool as avgPoolOp, maxPool as maxPoolOp, type PoolAttributes } from '../ops/pool.js';
import { resize as resizeOp } from '../ops/resize.js';
import { mapSpatial, RuntimeLayer, type Extent, type LogicalShape } from './base.js';
import type { CropConfig, PadConfig, PoolConfig, ResizeConfig } from './configs.js';
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
    return resizeOp(x!, sizes, this.config.mode);
  }
}

export class Pad extends RuntimeLayer<PadConfig> {
  static readonly className = 'UnetPad';

  protected shapeOf([x, target]: readonly LogicalShape[]): LogicalShape {
    const { amounts } = this.config;
    const sizes = target?.slice(2) ?? mapSpatial(x!, (n, i) => n + amounts![i]![0] + amounts![i]![1]);
    return [...x!.slice(0, 2), ...sizes];
  }

  protected run([x, target]: readonly tf.Tensor[]): tf.Tensor {
    const amounts = target === undefined ? this.config.amounts! : centred(spatialSizes(x!), spatialSizes(target));
    return padOp(x!, amounts, this.config.value ?? 0);
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
    const amounts = target === undefined ? this.config.amounts! : centred(spatialSizes(x!), spatialSizes(target));
    return cropOp(x!, amounts);
  }
}

for (const each of [MaxPool, AvgPool, Resize, Pad, Crop]) {
  tf.serialization.registerClass(each);
}
