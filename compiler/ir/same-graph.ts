import { formatSize } from '../shape/size.js';
import type { Network, Op, Shape } from './ir.js';

/** Whether two networks are the same graph: operations, attributes, shapes and weights, whatever the texts they came from. */
export function sameGraph(left: Network, right: Network): boolean {
  if (left.ops.length !== right.ops.length) return false;
  if (interfaceText(left) !== interfaceText(right)) return false;
  return left.ops.every((op, index) => {
    const other = right.ops[index];
    return other !== undefined && op.id === other.id && op.kind === other.kind && opText(op) === opText(other);
  });
}

function interfaceText({ inputs, outputs }: Network): string {
  return JSON.stringify({ inputs, outputs });
}

/** One text for each operation: two have equal texts exactly where they compute the same from the same. */
function opText(op: Op): string {
  return JSON.stringify({
    attributes: op.kind === 'split' ? { axis: op.attributes.axis, into: shapeText(op.attributes.into) } : op.attributes,
    operands: op.operands.map(({ op: from, shape }) => [from, ...shapeText(shape)]),
    weights: op.weights,
    sharedWith: op.sharedWith,
  });
}

function shapeText(shape: Shape): string[] {
  return shape.map(({ name, size }) => `${name}=${formatSize(size)}`);
}
