/**
 * Dropout (Srivastava et al. 2014) and dropout of whole channels (Tompson et al. 2015). Masks are drawn from streams
 * keyed by seed, layer and step, so that they are the same on every engine and in a resumed run.
 */
import * as tf from '@tensorflow/tfjs';
import { toLogicalOrder, toPhysical } from './layout.js';
import { randomStream } from '../random/random-stream.js';
import { perStep } from './per-step.js';

interface Randomness {
  readonly seed: number;
  readonly step: number;
}

/** Set while a pass of training runs without dropout. */
let disabled = false;

/** Runs a forward pass in which nothing is dropped. */
export function withoutDropout<T>(pass: () => T): T {
  const before = disabled;
  disabled = true;
  try {
    return pass();
  } finally {
    disabled = before;
  }
}

let current: () => Randomness = () => ({ seed: 0, step: 0 });
/**
 * The number of times each layer was applied in the current step: the second use of a shared layer has another mask.
 */
const uses = new Map<string, number>();

/**
 * Sets the step whose masks are drawn next; must be called before each step. A function is called again in each run of
 * a recorded step.
 */
export function setRandomness(next: Randomness | (() => Randomness)): void {
  current = typeof next === 'function' ? next : () => next;
  uses.clear();
}

function mask(shape: readonly number[], rate: number, layer: string): tf.Tensor {
  const use = uses.get(layer) ?? 0;
  uses.set(layer, use + 1);
  const randomness = current;
  const values = (): Float32Array => {
    const { seed, step } = randomness();
    const random = randomStream(seed, 'dropout', layer, step, use);
    const kept = 1 / (1 - rate);
    const size = shape.reduce((total, each) => total * each, 1);
    return Float32Array.from({ length: size }, () => (random.uniform() < rate ? 0 : kept));
  };
  return perStep({ shape, type: 'float32', values });
}

/** Drops each value with probability `rate` and scales the others by 1 / (1 - rate). */
export function dropout(x: tf.Tensor, rate: number, layer: string): tf.Tensor {
  if (rate === 0 || disabled) return x;
  return tf.mul(x, toPhysical(mask(toLogicalOrder(x.shape), rate, layer)));
}

/** Does the same with the channels of each case. */
export function spatialDropout(x: tf.Tensor, rate: number, layer: string): tf.Tensor {
  if (rate === 0 || disabled) return x;
  const [cases, channels, ...others] = toLogicalOrder(x.shape) as [number, number, ...number[]];
  const channelMask = mask([cases, channels], rate, layer);
  return tf.mul(x, toPhysical(channelMask.reshape([cases, channels, ...others.map(() => 1)])));
}
