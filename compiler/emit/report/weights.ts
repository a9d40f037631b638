/** The weights of a network for people who map names: ids and shapes, as `unet import` takes them. */
import type { Network } from '../../ir/ir.js';
import { jsonText } from '../../../text/json.js';
import { formatCount } from '../../../text/count.js';
import { alignedLines } from '../../../text/table.js';
import { escapeMarkdown } from '../markdown.js';
import { printable } from '../printable.js';

/** A weight, or a running statistic, which is not a parameter. */
export interface WeightReport {
  readonly id: string;
  /** Sizes in PyTorch's axis order; empty for a scalar. */
  readonly shape: readonly number[];
  /** The kind of its operation, such as `conv`. */
  readonly kind: string;
  readonly statistic: boolean;
}

/** The weights of a network in their order. */
function weightReports({ ops }: Network): WeightReport[] {
  return ops.flatMap(({ kind, weights }) =>
    weights.map(({ id, shape, statistic }) => ({ id, shape, kind, statistic: statistic === true })),
  );
}

/** The weights as JSON, Markdown or text. */
export function renderWeights(network: Network, format: string): string {
  const weights = weightReports(network);
  if (format === 'json') return jsonText({ model: network.name, weights });
  const rows = weights.map(({ id, shape, kind }) => [printable(id), `[${shape.join(', ')}]`, kind] as const);
  const total = `${formatCount(weights.length)} weights`;
  if (format === 'markdown') {
    const lines = [['id', 'shape', 'operation'], ['---', '---', '---'], ...rows.map((row) => row.map(escapeMarkdown))];
    return `## ${escapeMarkdown(network.name)}\n\n${total}\n\n${lines.map((row) => `| ${row.join(' | ')} |\n`).join('')}`;
  }
  return [...alignedLines(rows), total, ''].join('\n');
}
