/**
 * Dropout (Srivastava et al. 2014) and dropout of whole channels (Tompson et al. 2015). Masks come from streams keyed
 * by seed, layer and step, so that they are the same on every engine and in a resumed run.
 */
import * as tf from '@tensorflow/tfjs';
import { toLogicalOrder, toPhysical } from '../layout.js';
import { randomStream } from '../random.js';

interface Randomness {
  readonly seed: number;
  readonly step: number;
}

let current: Randomness = { seed: 0, step: 0 };
/** How often each layer was applied since the step began: the second use of a shared layer has another mask. */
const uses = new Map<string, number>();

/** Says which step's masks come next; the trainer calls it before each step. */
export function setRandomness(next: Randomness): void {
  current = next;
  uses.clear();
}

function mask(shape: readonly number[], rate: number, layer: string): tf.Tensor {
  const use = uses.get(layer) ?? 0;
  uses.set(layer, use + 1);
  const random = randomStream(current.seed, 'dropout', layer, current.step, use);
  const values = new Float32Array(shape.reduce((total, size) => total * size, 1));
  const kept = 1 / (1 - rate);
  for (let i = 0; i < values.length; i++) values[i] = random.uniform() < rate ? 0 : kept;
  return tf.tensor(values, [...shape]);
}

/** Each value is dropped with probability `rate`; kept ones are scaled by 1 / (1 - rate). */
export function dropout(x: tf.Tensor, rate: number, layer: string): tf.Tensor {
  if (rate === 0) return x;
  return tf.mul(x, toPhysical(mask(toLogicalOrder(x.shape), rate, layer)));
}

/** The same for the channels of each case. */
export function spatialDropout(x: tf.Tensor, rate: number, layer: string): tf.Tensor {
  if (rate === 0) return x;
  const [cases, channels, ...others] = toLogicalOrder(x.shape) as [number, number, ...number[]];
  const channelMask = mask([cases, channels], rate, layer);
  return tf.mul(x, toPhysical(channelMask.reshape([cases, channels, ...others.map(() => 1)])));
}
