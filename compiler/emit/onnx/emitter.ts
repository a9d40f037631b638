import type { GraphBuilder } from '../../../onnx/builder.js';
import type { AnyValue, Size } from '../../../onnx/graph.js';
import type { Weight } from '../../../onnx/formulations/shaping.js';
import type { Attributes, OpKind, Shape, Weight as NetworkWeight } from '../../ir/ir.js';
import { constantOf, formatSize } from '../../shape/size.js';

/**
 * A tensor of the network in the graph. Its axes there are `[N, ...shape]`, channels first; what is computed from params
 * alone has a first axis of size 1.
 */
export interface Tensor {
  readonly value: AnyValue;
  /** Axes by the names they have where the tensor is used; the batch is not among them. */
  readonly shape: Shape;
  readonly batched: boolean;
}

/** One operation to be emitted. */
export interface Emission {
  readonly g: GraphBuilder;
  readonly operands: readonly Tensor[];
  /** The first operand's value; not given for a param. */
  readonly x: AnyValue;
  /** The second operand's value, if there is one. */
  readonly y: AnyValue;
  /** The result's axes, the batch not among them. */
  readonly shape: Shape;
  /** The sizes of the result in the graph. */
  readonly sizes: readonly Size[];
  /** A weight of the operation by its last name (`bias`). */
  readonly weight: (name: NetworkWeight['name']) => Weight;
}

/** Adds the nodes of one operation and returns its result. */
export type Emitter<K extends OpKind> = (attributes: Attributes[K], emission: Emission) => AnyValue;

/** The first operand of an operation that has one. */
export function only({ operands: [first] }: Emission): Tensor {
  if (first === undefined) throw new Error('the operand is missing');
  return first;
}

export function names({ shape }: Pick<Tensor, 'shape'>): readonly string[] {
  return shape.map(({ name }) => name);
}

/** The position of an axis in the graph's tensor, where the batch is 0. */
export function axisOf(tensor: Pick<Tensor, 'shape'>, name: string): number {
  const place = names(tensor).indexOf(name);
  if (place < 0) throw new Error(`there is no axis ${name}`);
  return place + 1;
}

/** The name of the first axis of a tensor with a batch. */
export const batch = 'batch';

/** The sizes of the graph's tensor: numbers, or formulas over the images' axes. */
export function sizesOf({ shape, batched }: Pick<Tensor, 'shape' | 'batched'>): readonly Size[] {
  return [batched ? batch : 1, ...shape.map(({ size }) => constantOf(size) ?? formatSize(size))];
}
