/**
 * The 3-D convolution kernels of libtensorflow for the `tensorflow` backend, which are fast. Their gradients do not
 * support dilation, so dilated convolutions are lowered there as well. Filters are `[kd, kh, kw, Ci, Co]`.
 */
import * as tf from '@tensorflow/tfjs';
import type { Geometry } from './conv-parts.js';
import { cutSpatial, padSpatial } from './spatial.js';

type Triple = [number, number, number];

export function hasNativeConv({ dilation, pad }: Geometry): boolean {
  const plain = dilation.every((step) => step === 1) && pad.flat().every((amount) => amount >= 0);
  return plain && tf.getBackend() === 'tensorflow';
}

export function nativeForward(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | undefined,
  { stride, pad }: Geometry,
): tf.Tensor {
  const padded = padSpatial(x, pad) as tf.Tensor5D;
  const y = tf.conv3d(padded, filter as tf.Tensor5D, [...stride] as Triple, 'valid');
  return bias === undefined ? y : tf.add(y, bias);
}

export function nativeInputGradient(
  dy: tf.Tensor,
  filter: tf.Tensor,
  sizes: readonly number[],
  { stride, pad }: Geometry,
): tf.Tensor {
  const padded = sizes.map((size, i) => size + pad[i]![0] + pad[i]![1]);
  const inputShape = [dy.shape[0], ...padded, filter.shape[3]!];
  const attributes = { strides: [...stride], pad: 'valid', inputShape };
  const dx: tf.Tensor = tf.engine().runKernel('Conv3DBackpropInputV2', { dy, filter }, attributes);
  return cutSpatial(dx, pad);
}

export function nativeFilterGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  kernel: readonly number[],
  { stride, pad }: Geometry,
): tf.Tensor {
  const filterShape = [...kernel, x.shape[4]!, dy.shape[4]!];
  const attributes = { strides: [...stride], pad: 'valid', filterShape };
  return tf.engine().runKernel('Conv3DBackpropFilterV2', { x: padSpatial(x, pad), dy }, attributes);
}
