import type { GraphBuilder } from '../builder.js';
import type { AnyValue } from '../graph.js';
import { compare, where } from './elementwise.js';
import { gatherAt, squeeze, unsqueeze } from './shaping.js';

/**
 * The row of `[1, rows, ...]` that each case's identifier names, or `fallback` (0 by default) for a negative identifier.
 * Gather rejects an index beyond the table.
 */
export function pick(g: GraphBuilder, table: AnyValue, ids: AnyValue, fallback: AnyValue = g.scalar(0)): AnyValue {
  const zero = g.integers([0], []);
  const rows = squeeze(g, table, [0]);
  const indices = g.node('Max', [ids, zero], { shape: ids.shape, type: 'int64' });
  const row = gatherAt(g, rows, indices, 0);
  const given = compare<number | string>(g, 'GreaterOrEqual', ids, zero);
  const perCase = unsqueeze(
    g,
    given,
    row.shape.slice(1).map((_, index) => index + 1),
  );
  return where(g, perCase, row, fallback);
}
