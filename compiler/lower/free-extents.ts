import type { Op, Shape } from '../ir/ir.js';
import { inferShape } from '../ir/ops/operations.js';
import { symbol } from '../shape/size.js';

/**
 * The shape that the last of `ops` would have if no axis of an image had a fixed size. From a fixed size alone, a
 * border cannot be distinguished from a stride; a formula of the image's size shows which it is. A size stays a number
 * if it does not depend on the image's, as after a `split` into numbers.
 */
export function freeShape(ops: readonly Op[]): Shape {
  const shapes = new Map<string, Shape>();
  let last: Shape = [];
  for (const op of ops) {
    last = freeShapeOf(op, shapes);
    shapes.set(op.id, last);
  }
  return last;
}

function freeShapeOf(op: Op, shapes: ReadonlyMap<string, Shape>): Shape {
  if (op.kind === 'param') return op.shape;
  if (op.kind === 'input')
    return op.shape.map(({ name, size }, axis) => ({ name, size: axis === 0 ? size : symbol(name) }));
  const operands = op.operands.map(({ op: source, shape, batched }) => ({
    batched,
    shape: shape.map(({ name, size }, axis) => ({ name, size: shapes.get(source)?.[axis]?.size ?? size })),
  }));
  return inferShape(op.kind, op.attributes, operands);
}
