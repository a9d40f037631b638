import { escapeMarkdown } from '../markdown.js';
import type { NetworkDiff } from './diff.js';
import { classMeanings, classNames, modelNames, sources, tablesOf } from './parts.js';
import type { TextTable } from '../../../text/text-table.js';

/** A diff for documents and pull requests: headings and pipe tables. */
export function renderDiffMarkdown(diff: NetworkDiff): string {
  return [
    `## ${escapeMarkdown(modelNames(diff))}`,
    '',
    `**${classNames[diff.class]}** (${escapeMarkdown(sources(diff))}). ${classMeanings[diff.class]}`,
    ...tablesOf(diff).flatMap(tableLines),
    '',
  ].join('\n');
}

function tableLines({ title, head, rows, firstNumber }: TextTable): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = head.map((_, index) => (index >= firstNumber ? ' ---: ' : ' --- ')).join('|');
  return ['', `### ${escapeMarkdown(title)}`, '', line(head), `|${rule}|`, ...rows.map(line)];
}
