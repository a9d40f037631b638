/** Layers whose operation is described by axis names. */
import * as tf from '@tensorflow/tfjs';
import { einsum as einsumOp } from '../ops/einsum.js';
import {
  arange as arangeOp,
  concat as concatOp,
  inMemory,
  merge as mergeOp,
  mergedNames,
  rearrange,
  roll as rollOp,
  softmax as softmaxOp,
  split as splitOp,
} from '../ops/named-axes.js';
import { reduce as reduceOp } from '../ops/reduce.js';
import { toLogicalOrder } from '../ops/layout.js';
import { takeAlong } from '../ops/resize.js';
import { jointBatch, RuntimeLayer, type Extent, type LogicalShape } from './base.js';
import { evaluateFormula } from './size-formula.js';
import type {
  ArangeConfig,
  TakeConfig,
  ConcatConfig,
  EinsumConfig,
  MergeConfig,
  ReduceConfig,
  RollConfig,
  SoftmaxConfig,
  SplitConfig,
  TransposeConfig,
  WithAxes,
} from './configs.js';

abstract class NamedAxesLayer<C extends WithAxes> extends RuntimeLayer<C> {
  /** Axes of the first operand. */
  protected get names(): readonly string[] {
    return this.config.axes[0]!;
  }

  /** Size of an axis by the first operand that has it. */
  protected sizeOf(name: string, inputs: readonly LogicalShape[]): Extent {
    const sizes = this.config.axes.flatMap((names, i) =>
      names.includes(name) ? [inputs[i]![names.indexOf(name) + 1]!] : [],
    );
    return sizes.find((size) => size !== null) ?? null;
  }
}

export class Softmax extends NamedAxesLayer<SoftmaxConfig> {
  static readonly className = 'UnetSoftmax';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return softmaxOp(x!, this.names, this.config.over);
  }
}

export class Reduce extends NamedAxesLayer<ReduceConfig> {
  static readonly className = 'UnetReduce';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!.filter((_, i) => i === 0 || !this.config.over.includes(this.names[i - 1]!));
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return reduceOp(x!, this.config.function, this.names, this.config.over);
  }
}

export class Concat extends NamedAxesLayer<ConcatConfig> {
  static readonly className = 'UnetConcat';

  protected shapeOf(inputs: readonly LogicalShape[]): LogicalShape {
    const channels = inputs.map((shape) => shape[1]!);
    const total = channels.some((each) => each === null) ? null : channels.reduce((a, b) => a + b, 0);
    return [jointBatch(inputs), total, ...this.names.slice(1).map((name) => this.sizeOf(name, inputs))];
  }

  protected run(inputs: readonly tf.Tensor[]): tf.Tensor {
    return concatOp(inputs, this.config.axes);
  }
}

export class Einsum extends NamedAxesLayer<EinsumConfig> {
  static readonly className = 'UnetEinsum';

  protected shapeOf(inputs: readonly LogicalShape[]): LogicalShape {
    return [jointBatch(inputs), ...this.config.into.map((name) => this.sizeOf(name, inputs))];
  }

  protected run([left, right]: readonly tf.Tensor[]): tf.Tensor {
    return einsumOp(left!, right!, this.config.axes, this.config.into);
  }
}

export class Merge extends NamedAxesLayer<MergeConfig> {
  static readonly className = 'UnetMerge';

  protected shapeOf(inputs: readonly LogicalShape[]): LogicalShape {
    const { merged, into } = this.config;
    const size = merged.reduce<Extent>((total, name) => {
      const each = this.sizeOf(name, inputs);
      return total === null || each === null ? null : total * each;
    }, 1);
    const names = mergedNames(this.names, merged, into);
    return [inputs[0]![0]!, ...names.map((name) => (name === into ? size : this.sizeOf(name, inputs)))];
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return mergeOp(x!, this.names, this.config.merged, this.config.into);
  }
}

export class Split extends NamedAxesLayer<SplitConfig> {
  static readonly className = 'UnetSplit';

  protected shapeOf(inputs: readonly LogicalShape[]): LogicalShape {
    const { axis } = this.config;
    const [x] = inputs;
    const whole = x![this.names.indexOf(axis) + 1]!;
    const parts = this.partsOf(inputs);
    const open = parts.filter(({ size }) => size === null).length;
    const known = parts.reduce((total, { size }) => total * (size ?? 1), 1);
    const sizeOf = (size: Extent): Extent => size ?? (whole === null || open > 1 ? null : whole / known);
    return [
      x![0]!,
      ...this.names.flatMap((name, i) => (name === axis ? parts.map(({ size }) => sizeOf(size)) : [x![i + 1]!])),
    ];
  }

  protected run(inputs: readonly tf.Tensor[]): tf.Tensor {
    const parts = this.partsOf(inputs.map(({ shape }) => toLogicalOrder(shape)));
    return splitOp(inputs[0]!, this.names, this.config.axis, parts);
  }

  /** The parts, with the sizes that are known. */
  private partsOf(inputs: readonly LogicalShape[]): { readonly name: string; readonly size: Extent }[] {
    const { axes, into } = this.config;
    const sizes = new Map(
      axes.slice(1).flatMap((names, i) => names.map((name, place) => [name, inputs[i + 1]![place + 1]!] as const)),
    );
    return into.map(({ name, size }) => ({ name, size: size === null ? null : evaluateFormula(size, sizes) }));
  }
}

export class Transpose extends NamedAxesLayer<TransposeConfig> {
  static readonly className = 'UnetTranspose';

  protected shapeOf(inputs: readonly LogicalShape[]): LogicalShape {
    return [inputs[0]![0]!, ...this.config.order.map((name) => this.sizeOf(name, inputs))];
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return rearrange(x!, inMemory(this.names), inMemory(this.config.order));
  }
}

export class Roll extends NamedAxesLayer<RollConfig> {
  static readonly className = 'UnetRoll';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return rollOp(x!, this.names, this.config.shifts);
  }
}

export class Take extends NamedAxesLayer<TakeConfig> {
  static readonly className = 'UnetTake';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    const sizes = new Map(this.config.parts.map(({ axis, indices }) => [axis, indices.length]));
    return x!.map((size, place) => (place === 0 ? size : (sizes.get(this.names[place - 1]!) ?? size)));
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    const lying = inMemory(this.names);
    return this.config.parts.reduce((taken, { axis, indices }) => takeAlong(taken, lying.indexOf(axis), indices), x!);
  }
}

/** Positions along an axis of the operand, whose values are ignored. */
export class Arange extends NamedAxesLayer<ArangeConfig> {
  static readonly className = 'UnetArange';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return [x![0]!, x![this.names.indexOf(this.config.axis) + 1]!];
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return arangeOp(x!, this.names, this.config.axis);
  }
}

for (const each of [Softmax, Reduce, Concat, Einsum, Merge, Split, Transpose, Take, Arange, Roll]) {
  tf.serialization.registerClass(each);
}
