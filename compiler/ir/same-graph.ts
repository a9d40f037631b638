import { graphText } from './graph-text.js';
import type { Network } from './ir.js';

/** Whether two networks are the same graph (see `graphText`). */
export function sameGraph(left: Network, right: Network): boolean {
  return left.ops.length === right.ops.length && graphText(left) === graphText(right);
}
