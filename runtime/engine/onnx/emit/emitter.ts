import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

/** Thrown by an emitter that has no form for these attributes: the cpu backend's kernel may. */
export class NotEmitted extends Error {
  override readonly name = 'NotEmitted';
}

export type Inputs = Readonly<Record<string, Value | undefined>>;

/** How a tfjs kernel becomes nodes of a graph: adds them and gives the kernel's results. */
export type Emitter = (g: GraphBuilder, inputs: Inputs, attributes: never) => Value | readonly Value[];

/** An emitter whose kernel has attributes of type A. */
export function emitter<A>(
  emit: (g: GraphBuilder, inputs: Readonly<Record<string, Value>>, attributes: A) => Value | readonly Value[],
): Emitter {
  return emit as unknown as Emitter;
}

export type Emitters = Readonly<Record<string, Emitter>>;

/** The operands of a kernel that takes a list of tensors (`Concat`, `Pack`), in order. */
export function listed(inputs: Inputs): Value[] {
  return Object.keys(inputs)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => inputs[key]!);
}
