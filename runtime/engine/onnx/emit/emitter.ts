import type { GraphBuilder } from '../../../../onnx/builder.js';
import type { Value } from '../../../../onnx/graph.js';

/** Thrown by an emitter that has no formulation for these attributes; the cpu backend's kernel is used instead. */
export class NotEmitted extends Error {
  override readonly name = 'NotEmitted';
}

/** A kernel's operands by name. */
export type Inputs = Readonly<Record<string, Value>>;

/** Emits a tfjs kernel as nodes of a graph and returns its results. */
export type Emitter<A = never> = (g: GraphBuilder, inputs: Inputs, attributes: A) => Value | readonly Value[];

/** An emitter for a kernel with attributes of type A. */
export function emitter<A>(emit: Emitter<A>): Emitter {
  return emit;
}

export type Emitters = Readonly<Record<string, Emitter>>;

/** The operands of a kernel that takes a list of tensors, named `0`, `1`, ... after a prefix, in order. */
export function listed(inputs: Inputs, prefix = ''): Value[] {
  const list: Value[] = [];
  for (let value = inputs[`${prefix}0`]; value !== undefined; value = inputs[`${prefix}${list.length}`])
    list.push(value);
  return list;
}
