import * as tf from '@tensorflow/tfjs';

/** The shape in which data was last a right operand on wasm. */
const rightShapes = new WeakMap<object, string>();

/** `[M, K]` times `[K, N]`. */
export function multiply(left: tf.Tensor, right: tf.Tensor): tf.Tensor {
  return tf.matMul(left, asRightOperand(right));
}

/**
 * Makes a tensor safe as the right operand of a product. The wasm backend caches the packed form of right operands by
 * the id of their data, and a reshape shares its operand's data, so the same data in another shape would be multiplied
 * with the shape that came first (tfjs-backend-wasm 4.22, batch_mat_mul_impl.cc). Such tensors are copied.
 */
export function asRightOperand(right: tf.Tensor): tf.Tensor {
  if (tf.getBackend() !== 'wasm') return right;
  const shape = right.shape.join();
  const before = rightShapes.get(right.dataId);
  if (before !== undefined && before !== shape) return tf.add(right, 0);
  rightShapes.set(right.dataId, shape);
  return right;
}
