import * as tf from '@tensorflow/tfjs';
import type { ConvAttributes } from '../../../runtime/ops/conv.js';

/** All index vectors below `sizes`, the last varying fastest. */
export function positions(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (found, size) => found.flatMap((head) => Array.from({ length: size }, (_, i) => [...head, i])),
    [[]],
  );
}

/** Convolution by its definition; `x` `[N, Ci, ...n]`, `w` `[Co, Ci / groups, ...k]`. */
export function naiveConv(
  x: tf.Tensor,
  w: tf.Tensor,
  bias: tf.Tensor | undefined,
  { stride, dilation, pad, groups }: ConvAttributes,
): tf.Tensor {
  const [cases, inputs, ...n] = x.shape;
  const [outputs, perGroup, ...kernel] = w.shape;
  const sizes = n.map((size, i) =>
    Math.floor((size + pad[i]![0] + pad[i]![1] - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]! + 1),
  );
  const xs = x.bufferSync();
  const ws = w.bufferSync();
  const bs = bias?.dataSync();
  const y = tf.buffer([cases, outputs, ...sizes]);
  for (const [b, o, ...p] of positions([cases, outputs, ...sizes])) {
    let total = bs?.[o!] ?? 0;
    const group = Math.floor(o! / (outputs / groups));
    for (const [c, ...t] of positions([perGroup!, ...kernel])) {
      const at = p.map((each, i) => each * stride[i]! + t[i]! * dilation[i]! - pad[i]![0]);
      if (at.some((each, i) => each < 0 || each >= n[i]!)) continue;
      total += xs.get(b!, group * (inputs! / groups) + c!, ...at) * ws.get(o!, c!, ...t);
    }
    y.set(total, b!, o!, ...p);
  }
  return y.toTensor();
}

/** Transposed convolution by its definition: every input position adds its filter; `w` `[Ci, Co, ...k]`. */
export function naiveTransposedConv(
  x: tf.Tensor,
  w: tf.Tensor,
  bias: tf.Tensor | undefined,
  { stride, pad }: Pick<ConvAttributes, 'stride' | 'pad'>,
): tf.Tensor {
  const [cases, inputs, ...n] = x.shape;
  const [, outputs, ...kernel] = w.shape;
  const sizes = n.map((size, i) => (size - 1) * stride[i]! - pad[i]![0] - pad[i]![1] + kernel[i]!);
  const xs = x.bufferSync();
  const ws = w.bufferSync();
  const bs = bias?.dataSync();
  const y = tf.buffer([cases, outputs!, ...sizes]);
  for (const [b, o, ...p] of positions([cases, outputs!, ...sizes])) y.set(bs?.[o!] ?? 0, b!, o!, ...p);
  for (const [b, c, ...p] of positions([cases, inputs!, ...n])) {
    for (const [o, ...t] of positions([outputs!, ...kernel])) {
      const at = p.map((each, i) => each * stride[i]! + t[i]! - pad[i]![0]);
      if (at.some((each, i) => each < 0 || each >= sizes[i]!)) continue;
      y.set(y.get(b!, o!, ...at) + xs.get(b!, c!, ...p) * ws.get(c!, o!, ...t), b!, o!, ...at);
    }
  }
  return y.toTensor();
}
