/** The cost of each operation at a given patch, for batch 1. */
import { evaluate } from '../shape/size.js';
import { penaltyOps, type Network, type Op, type OpBase, type OpKind, type Shape } from './ir.js';
import { keptForTraining } from './kept-for-training.js';
import { definitionOf } from './ops/operations.js';
import { receptiveFields, type ReceptiveField } from './receptive-field.js';
import { parameterCount, product, valueCount, type Patch } from './tensor.js';

export interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
  /** Values of running statistics, which are not parameters. */
  readonly statistics: number;
}

export interface OpCost {
  readonly op: Op;
  /** Sizes of the output at the patch, in the order of the op's axes (channels first, no batch). */
  readonly output: readonly number[];
  /** Parameters that the operation owns: those of a shared layer count at its first use. */
  readonly params: ParameterCount;
  /** Multiply-accumulates of convolutions, linear layers and einsum products; 0 for all others, and for what penalties alone need, which prediction omits. */
  readonly macs: number;
  /** Float32 bytes kept for the backward pass; see `keptForTraining`. */
  readonly activationBytes: number;
  readonly receptiveField: ReceptiveField;
}

const bytesPerFloat = 4;

/** The cost of every operation, in the network's order; `patch` gives the size of each free axis. */
export function costs(network: Network, patch: Patch): readonly OpCost[] {
  const fields = receptiveFields(network, patch);
  const kept = keptForTraining(network);
  const omitted = penaltyOps(network);
  return network.ops.map((op) => {
    const output = sizesAt(op.shape, patch);
    const { tensors, channelMasks } = kept.get(op.id) ?? { tensors: 0, channelMasks: 0 };
    return {
      op,
      output,
      params: countParameters(op),
      macs: omitted.has(op.id) ? 0 : macsOf(op, patch),
      activationBytes: bytesPerFloat * (tensors * product(output) + channelMasks * (output[0] ?? 1)),
      receptiveField: fields.get(op.id) ?? { size: [], global: false },
    };
  });
}

export function countParameters({ weights }: Pick<Op, 'weights'>): ParameterCount {
  const total = parameterCount(weights);
  const trainable = parameterCount(weights.filter((weight) => weight.trainable));
  return { total, trainable, statistics: valueCount(weights) - total };
}

/** The parameters of several operations together. */
export function sumParameters(ops: readonly Pick<Op, 'weights'>[]): number {
  return ops.reduce((sum, op) => sum + countParameters(op).total, 0);
}

/** Multiply-accumulates of one operation, as its definition counts them. */
export function macsOf<K extends OpKind>(op: OpBase<K>, patch: Patch): number {
  return definitionOf(op.kind).macs(op, (shape) => sizesAt(shape, patch));
}

function sizesAt(shape: Shape, patch: Patch): readonly number[] {
  return shape.map(({ size }) => evaluate(size, patch));
}
