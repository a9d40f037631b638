/** Trainable tensors, and rows picked from them by identifiers. */
import { operand, type Emission, type Emitter } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { constantOf } from '../../../shape/size.js';

/** With a first axis of size 1, where others have the batch. */
export const param: Emitter<'param'> = (_, { shape, weight }) =>
  weight('value', [1, ...shape.map(({ size }) => constantOf(size) ?? fail())]);

function fail(): never {
  throw new Error('a param has a symbolic size');
}

/** Gather refuses a number beyond the table; a negative one is none. */
export const pick: Emitter<'pick'> = (_, emission) => {
  const { graph, operands } = emission;
  const ids = operand(emission, 1).value;
  const zero = graph.integers([0], []);
  const rows = graph.node('Squeeze', [operand(emission, 0).value, graph.integers([0])]);
  const row = graph.node('Gather', [rows, graph.node('Max', [ids, zero])], { axis: 0 });
  const fallback = operands[2]?.value ?? graph.scalar(0);
  return graph.node('Where', [perCase(graph, graph.node('GreaterOrEqual', [ids, zero]), emission), row, fallback]);
};

/** One value a case, with axes of size 1 for those of the result. */
function perCase(graph: GraphBuilder, value: Value, { shape }: Emission): Value {
  if (shape.length === 0) return value;
  return graph.node('Unsqueeze', [value, graph.integers(shape.map((_, index) => index + 1))]);
}
