import { formatSize } from '../shape/size.js';
import type { Network, Operand } from './ir.js';

/** Whether two networks are the same graph: operations, attributes, shapes and weights, whatever the texts they came from. */
export function sameGraph(left: Network, right: Network): boolean {
  return graphText(left) === graphText(right);
}

/** One text for each graph: two networks have equal texts exactly where they are the same graph. */
export function graphText(network: Network): string {
  const shape = (operand: Pick<Operand, 'shape'>): string[] =>
    operand.shape.map(({ name, size }) => `${name}=${formatSize(size)}`);
  const ops = network.ops.map((op) => ({
    kind: op.kind,
    id: op.id,
    attributes:
      op.kind === 'split' ? { axis: op.attributes.axis, into: shape({ shape: op.attributes.into }) } : op.attributes,
    operands: op.operands.map((operand) => [operand.op, ...shape(operand)]),
    weights: op.weights,
    sharedWith: op.sharedWith,
  }));
  return JSON.stringify({ inputs: network.inputs, outputs: network.outputs, ops });
}
