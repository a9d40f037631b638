import * as tf from '@tensorflow/tfjs';
import { matMul } from './matmul.js';
import { BATCH, inMemory, rearrange, type Names } from './named-axes.js';
import { product } from './spatial.js';

interface Operand {
  readonly tensor: tf.Tensor;
  /** In memory order. */
  readonly names: Names;
}

/**
 * Sums products over every axis that `into` omits; the result has the axes of `into`, in that order. An operand without
 * a batch (size 1) is combined with all cases of the other.
 */
export function einsum(left: tf.Tensor, right: tf.Tensor, axes: readonly Names[], into: Names): tf.Tensor {
  const a = summedAlone({ tensor: left, names: inMemory(axes[0]!) }, axes[1]!, into);
  const b = summedAlone({ tensor: right, names: inMemory(axes[1]!) }, axes[0]!, into);
  const sameCases = left.shape[0] === right.shape[0];
  // If only one operand has a batch, the batch is one more of its own axes.
  const kept = sameCases ? [BATCH, ...into] : into;
  const shared = kept.filter((name) => a.names.includes(name) && b.names.includes(name));
  const contracted = a.names.filter((name) => b.names.includes(name) && !kept.includes(name) && name !== BATCH);
  const ownA = a.names.filter((name) => !shared.includes(name) && !contracted.includes(name) && matters(a, name));
  const ownB = b.names.filter((name) => !shared.includes(name) && !contracted.includes(name) && matters(b, name));
  const leftMatrix = matrix(a, shared, ownA, contracted);
  const rightMatrix = matrix(b, shared, contracted, ownB);
  const result = matMul(leftMatrix, rightMatrix);
  return finish(result, [a, b], [...shared, ...ownA, ...ownB], into);
}

/** Sums over the axes that neither the other operand nor the result has. */
function summedAlone(operand: Operand, other: Names, into: Names): Operand {
  const alone = operand.names.filter((name) => name !== BATCH && !other.includes(name) && !into.includes(name));
  if (alone.length === 0) return operand;
  return {
    tensor: tf.sum(
      operand.tensor,
      alone.map((name) => operand.names.indexOf(name)),
    ),
    names: operand.names.filter((name) => !alone.includes(name)),
  };
}

/** Drops a batch of size 1 that the other operand's batch replaces. */
function matters({ tensor, names }: Operand, name: string): boolean {
  return name !== BATCH || tensor.shape[names.indexOf(BATCH)] !== 1;
}

function sizeOf({ tensor, names }: Operand, name: string): number {
  return tensor.shape[names.indexOf(name)]!;
}

/** `[B, rows, columns]`, each the product of the named axes. */
function matrix(operand: Operand, batch: Names, rows: Names, columns: Names): tf.Tensor {
  const dropped = operand.names.filter((name) => ![...batch, ...rows, ...columns].includes(name));
  const arranged = rearrange(operand.tensor, operand.names, [...dropped, ...batch, ...rows, ...columns]);
  const size = (names: Names): number => product(names.map((name) => sizeOf(operand, name)));
  return arranged.reshape([size(batch), size(rows), size(columns)]);
}

function finish(result: tf.Tensor, operands: readonly Operand[], order: Names, into: Names): tf.Tensor {
  const size = (name: string): number =>
    Math.max(...operands.filter(({ names }) => names.includes(name)).map((each) => sizeOf(each, name)));
  const complete = order.includes(BATCH) ? order : [BATCH, ...order];
  const expanded = result.reshape(complete.map((name) => (order.includes(name) ? size(name) : 1)));
  return rearrange(expanded, complete, inMemory(into));
}
