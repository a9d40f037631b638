/** Max and average pooling over one to three spatial axes. Kernels `UnetMaxPool`, `UnetMaxPoolInput`. */
import * as tf from '@tensorflow/tfjs';
import { lift, lift3, unlift } from './conv-parts.js';
import { depthwiseConv } from './depthwise-conv.js';
import { defineKernel, type Kernel } from './kernel.js';
import { maxPoolGradientLoops, maxPoolLoops, type Windows } from './pool-loops.js';
import { cutSpatial, padSpatial, product, type Amounts } from './spatial.js';
import { computeTyped, hasTypedArrays } from './typed.js';
import { layout } from './layout.js';

/** Per-axis lists have one entry for each spatial axis. */
export interface PoolAttributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: Amounts;
}

const maxKernel: Kernel<PoolAttributes> = defineKernel<PoolAttributes>({
  name: 'UnetMaxPool',
  spatial: ['x'],
  saved: ['x'],
  savesOutput: true,
  lowered: ({ x }, attributes) => {
    const lifted = lift(x!);
    const y = hasTypedArrays() ? typedMaxPool(lifted, attributes) : composedMaxPool.forward(lifted, attributes);
    return unlift(y, x!.rank);
  },
  gradient: (dy, { x, output }, attributes) => ({
    x: () => maxInputKernel.applyAs({ dy, x: x!, y: output! }, attributes),
  }),
});

const maxInputKernel: Kernel<PoolAttributes> = defineKernel<PoolAttributes>({
  name: 'UnetMaxPoolInput',
  spatial: ['dy', 'x', 'y'],
  saved: [],
  lowered: ({ dy, x, y }, attributes) => {
    const lifted = lift(x!);
    const dx = hasTypedArrays()
      ? typedMaxPoolGradient(lift(dy!), lifted, attributes)
      : composedMaxPool.inputGradient(lift(dy!), lifted, lift(y!), attributes);
    return unlift(dx, x!.rank);
  },
});

function windows(x: tf.Tensor, { kernel, stride, pad }: PoolAttributes): Windows {
  const lifted = {
    kernel: lift3(kernel, 1),
    stride: lift3(stride, 1),
    pad: lift3<Amounts[number]>(pad, [0, 0]),
  };
  const input = x.shape as [number, number, number, number, number];
  const sizes = lifted.kernel.map((size, i) => {
    const padded = input[i + 1]! + lifted.pad[i]![0] + lifted.pad[i]![1];
    return Math.floor((padded - size) / lifted.stride[i]!) + 1;
  });
  return { ...lifted, input, output: [input[0], sizes[0]!, sizes[1]!, sizes[2]!, input[4]] };
}

function typedMaxPool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor {
  const places = windows(x, attributes);
  return computeTyped([x], places.output, (y, values) => maxPoolLoops(y, values, places));
}

function typedMaxPoolGradient(dy: tf.Tensor, x: tf.Tensor, attributes: PoolAttributes): tf.Tensor {
  const places = windows(x, attributes);
  return computeTyped([dy, x], x.shape, (dx, above, values) => maxPoolGradientLoops(dx, above, values, places));
}

/** Lower than any value in a network, and finite, because padding with infinity produces NaN on some backends. */
const LOWEST = -3.4e38;

/** The same from stock operations, for backends with memory of their own; `x` is `[N, D, H, W, C]`. */
export const composedMaxPool = {
  forward(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor {
    const { kernel, stride, pad } = windows(x, attributes);
    const padded = padSpatial(x, pad, LOWEST) as tf.Tensor5D;
    return tf.maxPool3d(padded, kernel as [number, number, number], stride as [number, number, number], 'valid');
  },
  inputGradient(dy: tf.Tensor, x: tf.Tensor, y: tf.Tensor, attributes: PoolAttributes): tf.Tensor {
    const { kernel, stride, pad } = windows(x, attributes);
    const padded = padSpatial(x, pad, LOWEST);
    const attrs = { filterSize: [...kernel], strides: [...stride], pad: 'valid', dimRoundingMode: undefined };
    const inputs = { dy, input: padded, output: y } as unknown as tf.NamedTensorMap;
    const dx: tf.Tensor = tf.engine().runKernel('MaxPool3DGrad', inputs, attrs as object as tf.NamedAttrMap);
    return cutSpatial(dx, pad);
  },
};

/** Max pooling; padding is ignored, and a tie goes to the first, as in PyTorch. */
export function maxPool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor {
  return maxKernel.apply({ x }, attributes);
}

/** Average pooling: the sum divided by the whole kernel size, as a depthwise convolution with equal weights. */
export function avgPool(x: tf.Tensor, { kernel, stride, pad }: PoolAttributes): tf.Tensor {
  const channels = layout() === 'channels-last' ? x.shape.at(-1)! : x.shape[1]!;
  const w = tf.fill([channels, 1, ...kernel], 1 / product(kernel));
  return depthwiseConv(x, w, undefined, { stride, pad, dilation: kernel.map(() => 1) });
}
