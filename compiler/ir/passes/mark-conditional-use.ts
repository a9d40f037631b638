import type { Network, Weight } from '../ir.js';

/**
 * Marks when params that only `pick` reads are used: the table if some case has the identifier, the fallback if some
 * case lacks it. Before: `usedWhen` is unset. After: it is set on those; everything else is unchanged.
 */
export function markConditionalUse(network: Network): Network {
  const uses = new Map<string, Weight['usedWhen'] | 'always'>();
  for (const op of network.ops) {
    const input = op.kind === 'pick' ? op.operands[1]?.op : undefined;
    for (const [position, operand] of op.operands.entries()) {
      const use = input === undefined || position === 1 ? 'always' : { input, given: position === 0 };
      const known = uses.get(operand.op);
      uses.set(operand.op, known === undefined || sameUse(known, use) ? use : 'always');
    }
  }
  const ops = network.ops.map((op) => {
    const use = op.kind === 'param' ? uses.get(op.id) : undefined;
    if (use === undefined || use === 'always') return op;
    return { ...op, weights: op.weights.map((weight) => ({ ...weight, usedWhen: use })) };
  });
  return { ...network, ops };
}

function sameUse(left: Weight['usedWhen'] | 'always', right: Weight['usedWhen'] | 'always'): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right;
  return left.input === right.input && left.given === right.given;
}
