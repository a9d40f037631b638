/**
 * Parametric ReLU with a slope per channel (He et al. 2015). Kernels `UnetPrelu`, `UnetPreluInput`, `UnetPreluSlope`.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type Kernel } from './kernel.js';
import { toLogicalOrder } from './layout.js';
import { computeTyped, hasTypedArrays } from './typed.js';

const forwardKernel: Kernel<object> = defineKernel<object>({
  name: 'UnetPrelu',
  spatial: ['x'],
  saved: ['x', 'slope'],
  lowered: ({ x, slope }) => scaledBySign(x!, x!, slope!),
  gradient: (dy, { x, slope }, attributes) => ({
    x: () => inputKernel.applyAs({ dy, x: x!, slope: slope! }, attributes),
    slope: () => slopeKernel.applyAs({ dy, x: x! }, attributes),
  }),
});

const inputKernel: Kernel<object> = defineKernel<object>({
  name: 'UnetPreluInput',
  spatial: ['dy', 'x'],
  saved: [],
  lowered: ({ dy, x, slope }) => scaledBySign(dy!, x!, slope!),
});

const slopeKernel: Kernel<object> = defineKernel<object>({
  name: 'UnetPreluSlope',
  spatial: ['dy', 'x'],
  saved: [],
  lowered: ({ dy, x }) => (hasTypedArrays() ? typedSlopeGradient(dy!, x!) : composedPrelu.slopeGradient(dy!, x!)),
});

function scaledBySign(values: tf.Tensor, x: tf.Tensor, slope: tf.Tensor): tf.Tensor {
  if (!hasTypedArrays()) return composedPrelu.scaledBySign(values, x, slope);
  const channels = slope.size;
  return computeTyped([values, x, slope], x.shape, (y, a, b, s) => {
    for (let i = 0; i < y.length; i += channels) {
      for (let c = 0; c < channels; c++) y[i + c] = b[i + c]! > 0 ? a[i + c]! : a[i + c]! * s[c]!;
    }
  });
}

function typedSlopeGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const channels = x.shape.at(-1)!;
  return computeTyped([dy, x], [channels], (dslope, above, values) => {
    const sums = new Float64Array(channels);
    for (let i = 0; i < values.length; i += channels) {
      for (let c = 0; c < channels; c++) if (values[i + c]! < 0) sums[c]! += above[i + c]! * values[i + c]!;
    }
    dslope.set(sums);
  });
}

/** The same from stock operations, for backends with memory of their own. */
const composedPrelu = {
  /** `values` where x > 0, `values * slope` elsewhere. */
  scaledBySign: (values: tf.Tensor, x: tf.Tensor, slope: tf.Tensor): tf.Tensor =>
    tf.where(tf.greater(x, 0), values, tf.mul(values, slope)),
  slopeGradient: (dy: tf.Tensor, x: tf.Tensor): tf.Tensor =>
    tf.sum(tf.mul(dy, tf.minimum(x, 0)).reshape([-1, x.shape.at(-1)!]), 0),
};

/** max(x, 0) + slope[c] * min(x, 0); `x` in the current layout, `slope` `[C]`, or `[1]` if all channels share it. */
export function prelu(x: tf.Tensor, slope: tf.Tensor): tf.Tensor {
  const channels = toLogicalOrder(x.shape)[1]!;
  const slopes = slope.size === channels ? slope : tf.tile(slope, [channels]);
  return forwardKernel.apply({ x, slope: slopes }, {});
}
