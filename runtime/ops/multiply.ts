import * as tf from '@tensorflow/tfjs';

/** Shape under which data was last a right operand on wasm. */
const rightShapes = new WeakMap<object, string>();

/** `[M, K]` times `[K, N]`. */
export function multiply(left: tf.Tensor, right: tf.Tensor): tf.Tensor {
  return tf.matMul(left, asRightOperand(right));
}

/**
 * What may be the right operand of a product. The wasm backend keeps the packed form of every right operand by the id of
 * its data alone, and a reshape shares its operand's data: the same numbers under another shape would be multiplied as
 * those of the shape that came first (tfjs-backend-wasm 4.22, batch_mat_mul_impl.cc). They get a copy.
 */
export function asRightOperand(right: tf.Tensor): tf.Tensor {
  if (tf.getBackend() !== 'wasm') return right;
  const shape = right.shape.join();
  const before = rightShapes.get(right.dataId);
  if (before !== undefined && before !== shape) return tf.add(right, 0);
  rightShapes.set(right.dataId, shape);
  return right;
}
