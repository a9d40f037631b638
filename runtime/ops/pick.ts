import * as tf from '@tensorflow/tfjs';
import { layout } from './layout.js';
import { permute } from './permute.js';
import { matMul } from './matmul.js';
import { product } from './spatial.js';

/**
 * Selects a row of a table for each case: `table` is `[1, count, ...]` in the current layout, `identifiers` `[N, 1]`,
 * -1 for none. A case without an identifier gets `fallback` (one for all cases, or one per case), or zeros. Computed as
 * a product with one-hot rows, so that the gradient needs no scatter.
 */
export function pick(
  table: tf.Tensor,
  identifiers: tf.Tensor,
  fallback: tf.Tensor | undefined,
  count: number,
): tf.Tensor {
  const cases = identifiers.shape[0];
  // The table's channels are its rows; the others keep their logical order [a1, .., an].
  const others = layout() === 'channels-last' && table.rank > 2 ? table.shape.slice(1, -1) : table.shape.slice(2);
  const rows = layout() === 'channels-last' ? permute(table, [0, table.rank - 1, ...range(1, table.rank - 1)]) : table;
  const selection = tf.oneHot(tf.cast(identifiers.reshape([cases]), 'int32') as tf.Tensor1D, count).toFloat();
  const picked = matMul(selection.reshape([1, cases, count]), rows.reshape([1, count, product(others)]));
  const shaped = physical(picked.reshape([cases, ...others]));
  if (fallback === undefined) return shaped;
  const given = tf.sum(selection, 1).reshape([cases, ...others.map(() => 1)]);
  return tf.add(shaped, tf.mul(fallback, tf.sub(1, given)));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function physical(x: tf.Tensor): tf.Tensor {
  return layout() === 'channels-first' || x.rank < 3 ? x : permute(x, [0, ...range(2, x.rank), 1]);
}
