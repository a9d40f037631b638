/** Trainable tensors without a batch, and selection of rows from them. */
import * as tf from '@tensorflow/tfjs';
import { zeros } from '../../contract/initial.js';
import { toPhysical } from '../ops/layout.js';
import { pick as pickOp } from '../ops/pick.js';
import { RuntimeLayer, type LogicalShape } from './base.js';
import type { ParamConfig, PickConfig } from './configs.js';

/**
 * A trainable tensor, `[1, ...shape]`. Because every layer needs an operand in the graph, it accepts any tensor, which
 * it ignores. The id of its weight is the layer's own name.
 */
export class Param extends RuntimeLayer<ParamConfig> {
  static readonly className = 'UnetParam';

  protected override weightId(): string {
    return this.config.name;
  }

  protected override addWeights(): void {
    this.createWeight('value', this.config.shape, zeros);
  }

  protected shapeOf(): LogicalShape {
    return [1, ...this.config.shape];
  }

  protected run(): tf.Tensor {
    return toPhysical(tf.expandDims(this.weight('value')!, 0));
  }
}

/** Operands: the table, the identifiers, and optionally the value for a case without identifier. */
export class Pick extends RuntimeLayer<PickConfig> {
  static readonly className = 'UnetPick';

  protected shapeOf([table, identifiers]: readonly LogicalShape[]): LogicalShape {
    return [identifiers![0]!, ...table!.slice(2)];
  }

  protected run([table, identifiers, fallback]: readonly tf.Tensor[]): tf.Tensor {
    return pickOp(table!, identifiers!, fallback, this.config.count);
  }
}

tf.serialization.registerClass(Param);
tf.serialization.registerClass(Pick);
