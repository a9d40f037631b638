/**
 * Dropout (Srivastava et al. 2014), dropout of whole channels (Tompson et al. 2015), and noise. They are drawn from streams
 * keyed by seed, layer and step, so that they are the same on every engine and in a resumed run.
 */
import * as tf from '@tensorflow/tfjs';
import { toLogicalOrder, toPhysical } from './layout.js';
import { randomStream, type Random } from '../random/random-stream.js';
import { perStep } from './per-step.js';

interface Randomness {
  readonly seed: number;
  readonly step: number;
}

/** What a pass of training may run without. */
type Disabled = 'dropout' | 'dropout and noise';

/** Set while such a pass runs. */
let disabled: Disabled | undefined;

/** Runs a forward pass in which nothing is dropped, or noise is zero as well. */
export function withoutRandomness<T>(what: Disabled, pass: () => T): T {
  const before = disabled;
  disabled = what;
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
  const kept = 1 / (1 - rate);
  return drawn(shape, 'dropout', layer, (values, random) => {
    for (let i = 0; i < values.length; i++) values[i] = random.uniform() < rate ? 0 : kept;
  });
}

/** A tensor that is filled in each step from a stream of its own. */
function drawn(
  shape: readonly number[],
  purpose: 'dropout' | 'noise',
  layer: string,
  fill: (values: Float32Array, random: Random) => void,
): tf.Tensor {
  const use = uses.get(layer) ?? 0;
  uses.set(layer, use + 1);
  const randomness = current;
  const values = (): Float32Array => {
    const { seed, step } = randomness();
    const drawnValues = new Float32Array(shape.reduce((total, each) => total * each, 1));
    fill(drawnValues, randomStream(seed, purpose, layer, step, use));
    return drawnValues;
  };
  return perStep({ shape, type: 'float32', values });
}

/**
 * Standard normal numbers of the shape of `x`, drawn like masks, and zeros in a pass without it. No gradient goes
 * through it.
 */
export function noise(x: tf.Tensor, layer: string): tf.Tensor {
  if (disabled === 'dropout and noise') return tf.zerosLike(x);
  return toPhysical(drawn(toLogicalOrder(x.shape), 'noise', layer, (values, random) => random.addNormals(values, 1)));
}

/** Drops each value with probability `rate` and scales the others by 1 / (1 - rate). */
export function dropout(x: tf.Tensor, rate: number, layer: string): tf.Tensor {
  if (rate === 0 || disabled !== undefined) return x;
  return tf.mul(x, toPhysical(mask(toLogicalOrder(x.shape), rate, layer)));
}

/** Does the same with the channels of each case. */
export function spatialDropout(x: tf.Tensor, rate: number, layer: string): tf.Tensor {
  if (rate === 0 || disabled !== undefined) return x;
  const [cases, channels, ...others] = toLogicalOrder(x.shape) as [number, number, ...number[]];
  const channelMask = mask([cases, channels], rate, layer);
  return tf.mul(x, toPhysical(channelMask.reshape([cases, channels, ...others.map(() => 1)])));
}
