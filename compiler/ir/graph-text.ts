import { formatSize } from '../shape/size.js';
import type { Network, Op, Shape } from './ir.js';

/**
 * Returns a network's graph as text: its inputs, outputs and penalties, and each operation with its attributes, operands and weights,
 * whatever the spec that it came from. Two networks have the same text if and only if they compute the same from the same
 * weights; a run records its SHA-256.
 */
export function graphText({ inputs, outputs, penalties, ops }: Network): string {
  return [canonical({ inputs, outputs, ...(penalties.length === 0 ? {} : { penalties }) }), ...ops.map(opText)].join(
    '\n',
  );
}

function opText(op: Op): string {
  return canonical({
    id: op.id,
    kind: op.kind,
    attributes: op.kind === 'split' ? { axis: op.attributes.axis, into: shapeText(op.attributes.into) } : op.attributes,
    operands: op.operands.map(({ op: from, shape }) => [from, ...shapeText(shape)]),
    weights: op.weights,
    sharedWith: op.sharedWith,
  });
}

function shapeText(shape: Shape): string[] {
  return shape.map(({ name, size }) => `${name}=${formatSize(size)}`);
}

/** JSON with the keys of every object sorted: the order in which code sets them carries no meaning. */
function canonical(value: object): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
