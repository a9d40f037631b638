/** The ends of a generated network: its inputs and the model itself. */
import * as tf from '@tensorflow/tfjs';
import { toPhysicalOrder } from '../ops/layout.js';
import { initialize } from './weights.js';
import { RuntimeLayer, type LogicalShape } from './base.js';
import { graphName } from './graph-name.js';
import type { FinishConfig, IdentifierInputConfig, ImageInputConfig, Named } from './configs.js';

/** `[N, channels, ...sizes]` as the current layout has it. */
export function imageInput({ name, channels, sizes }: ImageInputConfig): tf.SymbolicTensor {
  return tf.input({ name: graphName(name), batchShape: toPhysicalOrder([null, channels, ...sizes]), dtype: 'float32' });
}

/** One integer a case, -1 for none, as `[N, 1]`: `predict` of tfjs takes no tensor of one axis. */
export function identifierInput({ name }: IdentifierInputConfig): tf.SymbolicTensor {
  return tf.input({ name: graphName(name), batchShape: [null, 1], dtype: 'int32' });
}

/**
 * Hands its first operand on. It ties an input that this variant of a network does not use to the graph, without which
 * a model cannot be saved and loaded.
 */
export class Tie extends RuntimeLayer<Named> {
  static readonly className = 'UnetTie';

  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return x!;
  }
}

tf.serialization.registerClass(Tie);

/** The model with its first weights. Outputs are in the description's order. */
export function finish({ name, inputs, outputs, description, seed = 0 }: FinishConfig): tf.LayersModel {
  const unused = unusedInputs(inputs, outputs);
  const [first, ...others] = outputs as [tf.SymbolicTensor, ...tf.SymbolicTensor[]];
  const tied = unused.length === 0 ? first : new Tie({ name: `${name}.unused` }).on(first, ...unused);
  const model = tf.model({ name, inputs: [...inputs], outputs: [tied, ...others] });
  initialize(model, description, seed);
  return model;
}

function unusedInputs(
  inputs: readonly tf.SymbolicTensor[],
  outputs: readonly tf.SymbolicTensor[],
): tf.SymbolicTensor[] {
  const seen = new Set<number>();
  const visit = (tensor: tf.SymbolicTensor): void => {
    if (seen.has(tensor.id)) return;
    seen.add(tensor.id);
    tensor.inputs.forEach(visit);
  };
  outputs.forEach(visit);
  return inputs.filter((input) => !seen.has(input.id));
}
