/** What each operation costs at a given patch, for batch 1. */
import { evaluate } from '../shape/size.js';
import type { Network, Op, Operand, Shape } from './ir.js';
import { keptForTraining } from './kept-for-training.js';
import { receptiveFields, type ReceptiveField } from './receptive-field.js';

export interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
}

export interface OpCost {
  readonly op: Op;
  /** Sizes of the output at the patch, in the order of the op's axes (channels first, no batch). */
  readonly output: readonly number[];
  /** Of the weights the operation owns: a shared layer's count where it is first used. */
  readonly params: ParameterCount;
  /** Multiplications with an addition, of convolutions, linear layers and einsum products; 0 for all else. */
  readonly macs: number;
  /** Float32 bytes that stay until the backward pass has used them; see `keptForTraining`. */
  readonly activationBytes: number;
  readonly receptiveField: ReceptiveField;
}

const bytesPerFloat = 4;

/** The cost of every operation, in the network's order; `patch` gives the size of each free axis. */
export function costs(network: Network, patch: ReadonlyMap<string, number>): readonly OpCost[] {
  const fields = receptiveFields(network, patch);
  const kept = keptForTraining(network);
  return network.ops.map((op) => {
    const output = sizesAt(op.shape, patch);
    const { tensors, channelMasks } = kept.get(op.id) ?? { tensors: 0, channelMasks: 0 };
    return {
      op,
      output,
      params: countParameters(op),
      macs: macsOf(op, patch),
      activationBytes: bytesPerFloat * (tensors * product(output) + channelMasks * (output[0] ?? 1)),
      receptiveField: fields.get(op.id) ?? { size: [], global: false },
    };
  });
}

export function countParameters({ weights }: Pick<Op, 'weights'>): ParameterCount {
  const count = (which: Op['weights']): number => which.reduce((sum, { shape }) => sum + product(shape), 0);
  return { total: count(weights), trainable: count(weights.filter(({ trainable }) => trainable)) };
}

/** The parameters of several operations together. */
export function sumParameters(ops: readonly Pick<Op, 'weights'>[]): number {
  return ops.reduce((sum, op) => sum + countParameters(op).total, 0);
}

/**
 * conv: output elements * in / groups * kernel; depthwise conv: output elements * kernel; transposed conv: input
 * elements * out * kernel (cropped ones too); linear: output elements * in; einsum: the product of all its axes.
 */
export function macsOf(op: Op, patch: ReadonlyMap<string, number>): number {
  const outputs = product(sizesAt(op.shape, patch));
  const [first] = op.operands;
  switch (op.kind) {
    case 'conv':
      return outputs * (channels(first, patch) / op.attributes.groups) * product(op.attributes.kernel);
    case 'depthwise_conv':
      return outputs * product(op.attributes.kernel);
    case 'transposed_conv':
      return product(sizesAt(first?.shape ?? [], patch)) * op.attributes.out * product(op.attributes.kernel);
    case 'linear':
      return outputs * channels(first, patch);
    case 'einsum': {
      const sizes = new Map(op.operands.flatMap(({ shape }) => shape.map(({ name, size }) => [name, size] as const)));
      return product([...sizes.values()].map((size) => evaluate(size, patch)));
    }
    default:
      return 0;
  }
}

function channels(operand: Operand | undefined, patch: ReadonlyMap<string, number>): number {
  return sizesAt(operand?.shape ?? [], patch)[0] ?? 1;
}

function sizesAt(shape: Shape, patch: ReadonlyMap<string, number>): readonly number[] {
  return shape.map(({ size }) => evaluate(size, patch));
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((result, each) => result * each, 1);
}
