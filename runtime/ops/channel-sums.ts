import * as tf from '@tensorflow/tfjs';
import type { Layout } from '../layout.js';
import { computeTyped, hasTypedArrays } from './typed.js';

/** Sum over batch and spatial axes, per channel: `[C]`. The gradient of a bias. */
export function channelSums(x: tf.Tensor, layout: Layout): tf.Tensor {
  if (layout === 'channels-first') return tf.sum(x, [0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2)]);
  if (!hasTypedArrays())
    return tf.sum(
      x,
      Array.from({ length: x.rank - 1 }, (_, i) => i),
    );
  const channels = x.shape.at(-1)!;
  return computeTyped([x], [channels], (output, values) => {
    const totals = new Float64Array(channels);
    for (let i = 0; i < values.length; i += channels) {
      for (let c = 0; c < channels; c++) totals[c]! += values[i + c]!;
    }
    output.set(totals);
  });
}
