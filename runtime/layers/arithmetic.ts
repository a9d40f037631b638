import * as tf from '@tensorflow/tfjs';
import { binary as binaryOp, withScalar } from '../ops/binary.js';
import { joinedNames } from '../ops/named-axes.js';
import { jointBatch, RuntimeLayer, type Extent, type LogicalShape } from './base.js';
import type { BinaryConfig, ScalarConfig } from './configs.js';

export class Binary extends RuntimeLayer<BinaryConfig> {
  static readonly className = 'UnetBinary';

  protected shapeOf(inputs: readonly LogicalShape[]): LogicalShape {
    const { axes } = this.config;
    const target = joinedNames(axes[0]!, axes[1]!);
    return [jointBatch(inputs), ...target.map((name) => jointSize(name, axes, inputs))];
  }

  protected run([left, right]: readonly tf.Tensor[]): tf.Tensor {
    return binaryOp(this.config.operator, left!, right!, this.config.axes);
  }
}

/** The size of an axis of several operands, where 1 broadcasts to any other size. */
function jointSize(name: string, axes: readonly (readonly string[])[], inputs: readonly LogicalShape[]): Extent {
  const sizes = axes.flatMap((names, i) => (names.includes(name) ? [inputs[i]![names.indexOf(name) + 1]!] : []));
  const wide = sizes.filter((size) => size !== 1);
  return wide.length === 0 ? 1 : (wide.find((size) => size !== null) ?? null);
}

export class Scalar extends RuntimeLayer<ScalarConfig> {
  static readonly className = 'UnetScalar';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    const { operator, value, reversed = false } = this.config;
    return withScalar(operator, x!, value, reversed);
  }
}

tf.serialization.registerClass(Binary);
tf.serialization.registerClass(Scalar);
