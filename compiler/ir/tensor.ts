/** Tensors, axes and weights: what operations are made of. */
import type { Initial } from '../../contract/initial.js';
import type { Size } from '../shape/size.js';

/** One axis of a tensor: its name where the tensor is used, and its size, which may be symbolic. */
export interface Axis {
  readonly name: string;
  readonly size: Size;
}

export type Shape = readonly Axis[];

/** A tensor as an operand: the operation that computes it, and the names of its axes here. */
export interface Operand {
  /** Id of the operation that produced it. */
  readonly op: string;
  readonly shape: Shape;
  /** A `param` has no batch axis; neither has anything computed from params alone. */
  readonly batched: boolean;
}

/** The properties of an operand that rules for shapes and weights use. */
export type ShapedOperand = Pick<Operand, 'shape' | 'batched'>;

export type { Initial };

/**
 * A trainable (or frozen) tensor, or a running statistic. Shapes follow PyTorch: conv `[out, in / groups, ...kernel]`, transposed conv
 * `[in, out, ...kernel]`, linear `[out, in]`, norms and biases `[C]`.
 */
export interface Weight {
  /** `<op id>.weight`, or the op's own id for a `param`. Unique in the model; checkpoints use it. */
  readonly id: string;
  /** The last part of the id: `weight`, `bias`, `slope`, `running_mean`; `value` for a `param`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** Whether the optimiser updates it; false for a running statistic. */
  readonly trainable: boolean;
  /** Set for a running statistic, which training moves without a gradient. It does not count as a parameter. */
  readonly statistic?: true;
  /** Whether the block declares it as a fallback, which may legitimately get no gradient. */
  readonly fallback: boolean;
  /** Set if the weight takes part only when an identifier is given (or not given) for some case of the batch. */
  readonly usedWhen: { readonly input: string; readonly given: boolean } | undefined;
}

/** The name and shape of a weight that an operation owns (see `Weight` for the order of axes). */
export type WeightShape = Pick<Weight, 'name' | 'shape' | 'statistic'>;

/** `[before, after]` per spatial axis. */
export type Padding = readonly (readonly [number, number])[];

/** The sizes of the free axes, by name. */
export type Patch = ReadonlyMap<string, number>;

/** The number of parameters in weights; running statistics are not parameters, as in PyTorch. */
export function parameterCount(weights: readonly Pick<Weight, 'shape' | 'statistic'>[]): number {
  return valueCount(weights.filter(({ statistic }) => statistic !== true));
}

/** The number of values in weights. */
export function valueCount(weights: readonly Pick<Weight, 'shape'>[]): number {
  return weights.reduce((sum, { shape }) => sum + product(shape), 0);
}

/** Multiplies numbers; 1 for none. */
export function product(numbers: readonly number[]): number {
  return numbers.reduce((result, each) => result * each, 1);
}
