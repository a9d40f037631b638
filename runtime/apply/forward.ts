import * as tf from '@tensorflow/tfjs';
import { fromPhysical } from '../ops/layout.js';
import type { ModelDescription } from '../../contract/model-description.js';
import type { HostTensor } from '../files/tensor-types.js';
import { probabilitiesOf } from '../losses/loss-terms.js';
import { inputTensors, predictions } from '../network/predictions.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import type { GivenBatch } from './read-inputs.js';

async function toHost(tensor: tf.Tensor): Promise<HostTensor> {
  const data = (await tensor.data()) as Float32Array;
  return { shape: tensor.shape, data: data.slice() };
}

/** The suffix of an output's tensors: the first has none. */
const suffixOf = ({ outputs }: ModelDescription, index: number): string =>
  index === 0 ? '' : `/${outputs[index]!.name}`;

/** The names of the tensors of `forward`. */
export function outputNames(description: ModelDescription): string[] {
  return description.outputs.flatMap(({ auxiliary }, index) => {
    const suffix = suffixOf(description, index);
    const numbers = Array.from({ length: auxiliary }, (_, each) => `auxiliary${suffix}/${each + 1}`);
    return [`logits${suffix}`, `probabilities${suffix}`, ...numbers];
  });
}

/**
 * The outputs of a network without dropout: `logits` and `probabilities`, `[N, labels, ...spatial]`, and the logits of
 * auxiliary outputs as `auxiliary/1`, `auxiliary/2`, ... in the order of the spec. Further outputs add their name:
 * `logits/edges`, `auxiliary/edges/1`.
 */
export async function forward(network: TrainableNetwork, batch: GivenBatch): Promise<Map<string, HostTensor>> {
  const made = tf.tidy(() => {
    const all = predictions(
      network,
      inputTensors(network.description, () => batch),
    );
    const named: Record<string, tf.Tensor> = {};
    let next = 0;
    for (const [index, output] of network.description.outputs.entries()) {
      const suffix = suffixOf(network.description, index);
      const logits = all[next++]!;
      named[`logits${suffix}`] = fromPhysical(logits);
      named[`probabilities${suffix}`] = fromPhysical(probabilitiesOf(logits, output.kind));
      for (let each = 1; each <= output.auxiliary; each++) {
        named[`auxiliary${suffix}/${each}`] = fromPhysical(all[next++]!);
      }
    }
    return named;
  });
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of Object.entries(made)) tensors.set(name, await toHost(tensor));
  tf.dispose(made);
  return tensors;
}
