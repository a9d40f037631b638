/** Sizes that are known only when the graph runs, as lists of int64. */
import type { GraphBuilder } from '../builder.js';
import { unnamed, type AnyValue } from '../graph.js';

/** A size asked for: a number, that of a tensor's axis, a computed list of one number, or what the other sizes leave. */
export type Extent = number | { readonly of: AnyValue; readonly axis: number } | { readonly size: AnyValue } | 'rest';

/** A list of one number: the size of an axis of a tensor. */
export function sizeOfAxis(g: GraphBuilder, of: AnyValue, axis: number): AnyValue {
  return sizesFrom(g, of, axis, axis + 1);
}

/** The sizes of the axes from `start` up to `end`, or to the last. */
export function sizesFrom(g: GraphBuilder, of: AnyValue, start: number, end?: number): AnyValue {
  const attributes = end === undefined ? { start } : { start, end };
  return g.node('Shape', [of], { shape: [(end ?? of.shape.length) - start], type: 'int64' }, attributes);
}

/** One list of numbers and lists. */
export function joined(g: GraphBuilder, parts: readonly (number | AnyValue)[]): AnyValue {
  const lists: (number[] | AnyValue)[] = [];
  for (const part of parts) {
    const last = lists.at(-1);
    if (typeof part !== 'number') lists.push(part);
    else if (Array.isArray(last)) last.push(part);
    else lists.push([part]);
  }
  const values = lists.map((list) => (Array.isArray(list) ? g.integers(list) : list));
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  return g.node('Concat', values, { shape: [unnamed], type: 'int64' }, { axis: 0 });
}

/** `a` and `b` are lists of equal length. */
export function computed(
  g: GraphBuilder,
  op: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Mod',
  a: AnyValue,
  b: AnyValue,
): AnyValue {
  return g.node(op, [a, b], { shape: a.shape, type: 'int64' });
}
