import type { Attributes, OpKind, Shape, Weight } from '../../ir/ir.js';
import { constantOf } from '../../shape/size.js';
import type { Value } from './graph.js';
import type { GraphBuilder } from './graph-builder.js';

/**
 * A tensor of the network in the graph. It lies as `[N, ...shape]`, channels first; what params alone make has a first
 * axis of size 1.
 */
export interface Tensor {
  readonly value: Value;
  /** Axes by the names they have where the tensor is used; the batch is not among them. */
  readonly shape: Shape;
  readonly batched: boolean;
}

/** One operation to be emitted. */
export interface Emission {
  readonly graph: GraphBuilder;
  readonly operands: readonly Tensor[];
  /** Of the result. */
  readonly shape: Shape;
  /** A weight of the operation by its last name (`bias`), in `shape`. */
  readonly weight: (name: Weight['name'], shape: readonly number[]) => Value;
}

/** Adds the nodes of one operation and gives its result. */
export type Emitter<K extends OpKind> = (attributes: Attributes[K], emission: Emission) => Value;

export function operand({ operands }: Emission, index: number): Tensor {
  const found = operands[index];
  if (found === undefined) throw new Error(`operand ${index} is missing`);
  return found;
}

export function names({ shape }: Pick<Tensor, 'shape'>): readonly string[] {
  return shape.map(({ name }) => name);
}

/** Place of an axis in the graph's tensor, where the batch is 0. */
export function axisOf(tensor: Pick<Tensor, 'shape'>, name: string): number {
  const place = names(tensor).indexOf(name);
  if (place < 0) throw new Error(`no axis ${name}`);
  return place + 1;
}

/** How many channels a tensor has, which is always known. */
export function channelsOf({ shape }: Pick<Tensor, 'shape'>): number {
  const size = shape[0] === undefined ? undefined : constantOf(shape[0].size);
  if (size === undefined) throw new Error('the number of channels is not known');
  return size;
}

/** Places of the spatial axes in the graph's tensor. */
export function spatialAxes({ shape }: Pick<Tensor, 'shape'>): readonly number[] {
  return shape.slice(1).map((_, index) => index + 2);
}

/** `[C, 1, 1]` for two spatial axes: values per channel, to be joined with a tensor. */
export function perChannel(tensor: Pick<Tensor, 'shape'>): readonly number[] {
  return [channelsOf(tensor), ...tensor.shape.slice(1).map(() => 1)];
}
