import { resultsOf, type Network } from '../ir.js';

/**
 * Removes operations that no output depends on, and their weights. Inputs stay: a data set must still provide them.
 * Before: operations in order of creation. After: the same order, each reachable from an output or an input.
 */
export function removeUnreached(network: Network): Network {
  const byId = new Map(network.ops.map((op) => [op.id, op]));
  const reached = new Set<string>();
  const open = [...resultsOf(network)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    const op = byId.get(id);
    if (op === undefined) continue;
    for (const operand of op.operands) open.push(operand.op);
    if (op.sharedWith !== undefined) open.push(op.sharedWith);
  }
  return { ...network, ops: network.ops.filter((op) => op.kind === 'input' || reached.has(op.id)) };
}
