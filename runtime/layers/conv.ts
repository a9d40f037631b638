import * as tf from '@tensorflow/tfjs';
import { conv as convOp, convSize, transposedConv as transposedConvOp } from '../ops/conv.js';
import { depthwiseConv as depthwiseConvOp } from '../ops/depthwise-conv.js';
import { toLogicalOrder } from '../ops/layout.js';
import { channelsOf, mapSpatial, RuntimeLayer, type Extent, type LogicalShape } from './base.js';
import type { Amounts, ConvConfig, DepthwiseConvConfig, TransposedConvConfig } from './configs.js';

/** Fills in the optional attributes of a windowed operation. */
export function windowOf(config: {
  readonly kernel: readonly number[];
  readonly stride?: readonly number[];
  readonly dilation?: readonly number[];
  readonly pad?: Amounts;
}): { stride: readonly number[]; dilation: readonly number[]; pad: Amounts } {
  return {
    stride: config.stride ?? config.kernel.map(() => 1),
    dilation: config.dilation ?? config.kernel.map(() => 1),
    pad: config.pad ?? config.kernel.map(() => [0, 0] as const),
  };
}

/** Spatial sizes of the output of a window. */
export function windowSizes(shape: LogicalShape, config: Parameters<typeof windowOf>[0]): Extent[] {
  const { stride, dilation, pad } = windowOf(config);
  return mapSpatial(shape, (n, i) => convSize(n, config.kernel[i]!, stride[i]!, dilation[i]!, pad[i]![0] + pad[i]![1]));
}

/** Weights `weight` `[out, in / groups, ...kernel]` and, with bias, `bias` `[out]`. */
export class Conv extends RuntimeLayer<ConvConfig> {
  static readonly className = 'UnetConv';

  protected override addWeights([x]: readonly LogicalShape[]): void {
    const { out, kernel, groups = 1, bias = false, name } = this.config;
    this.createWeight('weight', [out, channelsOf(x!, name) / groups, ...kernel], 'conv');
    if (bias) this.createWeight('bias', [out], 'conv');
  }

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return [x![0]!, this.config.out, ...windowSizes(x!, this.config)];
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    const attributes = { ...windowOf(this.config), groups: this.config.groups ?? 1 };
    return convOp(x!, this.weight('weight')!, this.weight('bias'), attributes);
  }
}

/** Weights `weight` `[C, 1, ...kernel]` and, with bias, `bias` `[C]`. */
export class DepthwiseConv extends RuntimeLayer<DepthwiseConvConfig> {
  static readonly className = 'UnetDepthwiseConv';

  protected override addWeights([x]: readonly LogicalShape[]): void {
    const { kernel, bias = false, name } = this.config;
    const channels = channelsOf(x!, name);
    this.createWeight('weight', [channels, 1, ...kernel], 'depthwise_conv');
    if (bias) this.createWeight('bias', [channels], 'depthwise_conv');
  }

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return [x![0]!, x![1]!, ...windowSizes(x!, this.config)];
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return depthwiseConvOp(x!, this.weight('weight')!, this.weight('bias'), windowOf(this.config));
  }
}

/** Weights `weight` `[in, out / groups, ...kernel]` and, with bias, `bias` `[out]`. */
export class TransposedConv extends RuntimeLayer<TransposedConvConfig> {
  static readonly className = 'UnetTransposedConv';

  protected override addWeights([x]: readonly LogicalShape[]): void {
    const { out, kernel, groups = 1, bias = false, name } = this.config;
    this.createWeight('weight', [channelsOf(x!, name), out / groups, ...kernel], 'transposed_conv');
    if (bias) this.createWeight('bias', [out], 'transposed_conv');
  }

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    const { kernel, out, outputPad } = this.config;
    const { stride, pad } = windowOf(this.config);
    const size = (n: number, i: number): number =>
      (n - 1) * stride[i]! - pad[i]![0] - pad[i]![1] + kernel[i]! + (outputPad?.[i] ?? 0);
    return [x![0]!, out, ...mapSpatial(x!, size)];
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    const sizes = this.shapeOf([toLogicalOrder(x!.shape)]).slice(2) as number[];
    const attributes = { ...windowOf(this.config), groups: this.config.groups ?? 1, sizes };
    return transposedConvOp(x!, this.weight('weight')!, this.weight('bias'), attributes);
  }
}

tf.serialization.registerClass(Conv);
tf.serialization.registerClass(DepthwiseConv);
tf.serialization.registerClass(TransposedConv);
