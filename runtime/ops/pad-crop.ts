import * as tf from '@tensorflow/tfjs';
import { layout } from './layout.js';
import { cutSpatial, padSpatial, type Amounts } from './spatial.js';

/**
 * Amounts by which sizes differ: equal before and after (an odd one goes after), or with the given amounts before.
 */
export function centred(from: readonly number[], to: readonly number[], first?: readonly number[]): Amounts {
  return from.map((size, i) => {
    const difference = Math.abs(to[i]! - size);
    const before = first?.[i] ?? Math.floor(difference / 2);
    return [before, difference - before];
  });
}

/** Pads the spatial axes of a tensor in the current layout with zeros (or `value`). */
export function pad(x: tf.Tensor, amounts: Amounts, value: number): tf.Tensor {
  return withoutChannels(x, (view) => padSpatial(view, amounts, value));
}

/** Adds channels of zeros, equally before and after (an odd one goes after), up to `channels`. */
export function padChannels(x: tf.Tensor, channels: number): tf.Tensor {
  const axis = layout() === 'channels-last' ? x.rank - 1 : 1;
  const [amount] = centred([x.shape[axis]!], [channels]) as [[number, number]];
  return tf.pad(
    x,
    x.shape.map((_, place): [number, number] => (place === axis ? amount : [0, 0])),
  );
}

/** Crops the spatial axes. */
export function crop(x: tf.Tensor, amounts: Amounts): tf.Tensor {
  return withoutChannels(x, (view) => cutSpatial(view, amounts));
}

/** Converts channels-first tensors to cases of one channel, as the spatial helpers expect. */
function withoutChannels(x: tf.Tensor, change: (view: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (layout() === 'channels-last') return change(x);
  const [cases, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const changed = change(x.reshape([cases * channels, ...sizes, 1]));
  return changed.reshape([cases, channels, ...changed.shape.slice(1, -1)]);
}
