/** Sizes that are known only when data comes, and reshaping by them. */
import { constantOf, type Size } from '../../shape/size.js';
import type { Tensor } from './emitter.js';
import type { Value } from './graph.js';
import type { GraphBuilder } from './graph-builder.js';

/** Size of an axis after reshaping: a number, that of an axis of a tensor (the batch is 0), one computed, or what is left. */
export type Target = number | { readonly of: Value; readonly axis: number } | { readonly size: Value } | 'rest';

/** A list of one number: the size of an axis of a tensor. */
export function sizeOf(graph: GraphBuilder, of: Value, axis: number): Value {
  return sizesOf(graph, of, axis, axis + 1);
}

/** Sizes of the axes from `start` up to `end`, or to the last. */
export function sizesOf(graph: GraphBuilder, of: Value, start: number, end?: number): Value {
  return graph.node('Shape', [of], end === undefined ? { start } : { start, end });
}

/** The size of a tensor's axis as a target: its number, where that is known. */
export function targetOf(size: Size | undefined, of: Value, axis: number): Target {
  return (size === undefined ? undefined : constantOf(size)) ?? { of, axis };
}

/** Targets of all axes of a tensor, the batch first. */
export function targetsOf({ value, shape }: Tensor): readonly Target[] {
  return [{ of: value, axis: 0 }, ...shape.map(({ size }, index) => targetOf(size, value, index + 1))];
}

/** `x` with other axes; `rest` may stand once. Sizes become constants wherever they can. */
export function reshape(graph: GraphBuilder, x: Value, targets: readonly Target[]): Value {
  // 0 copies the size that the operand has at the same place.
  const settled = targets.map((target, place) => {
    if (typeof target !== 'object' || 'size' in target) return target;
    return target.of.name === x.name && target.axis === place ? 0 : target;
  });
  const open = settled.filter((target) => typeof target === 'object');
  const mayInfer = open.length === 1 && !settled.includes('rest');
  const lists = settled.map((target): number | Value => {
    if (target === 'rest') return -1;
    if (typeof target === 'number') return target;
    if (mayInfer) return -1;
    return 'size' in target ? target.size : sizeOf(graph, target.of, target.axis);
  });
  return graph.node('Reshape', [x, joined(graph, lists)]);
}

/** `y` with the axes of `x`, which has as many values a case. */
export function reshapeLike(graph: GraphBuilder, y: Value, x: Tensor): Value {
  const known = x.shape.every(({ size }) => constantOf(size) !== undefined);
  if (!known) return graph.node('Reshape', [y, graph.node('Shape', [x.value])]);
  return reshape(graph, y, [{ of: y, axis: 0 }, ...targetsOf(x).slice(1)]);
}

/** One list of numbers and lists. */
export function joined(graph: GraphBuilder, parts: readonly (number | Value)[]): Value {
  const lists: (number[] | Value)[] = [];
  for (const part of parts) {
    const last = lists.at(-1);
    if (typeof part !== 'number') lists.push(part);
    else if (Array.isArray(last)) last.push(part);
    else lists.push([part]);
  }
  const values = lists.map((list) => (Array.isArray(list) ? graph.integers(list) : list));
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : graph.node('Concat', values, { axis: 0 });
}
