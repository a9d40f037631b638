import type { ProtocolNode } from '../../grammar/ast.js';
import { escapeMarkdown } from '../../compiler/emit/markdown.js';
import { printable } from '../../compiler/emit/printable.js';
import { defaultText } from '../../compiler/protocol/protocol-text.js';
import { lowerProtocol } from '../../compiler/protocol/lower-protocol.js';
import { entryNames, entryWords } from '../../contract/protocol-words.js';
import type { Analysis } from '../analysis.js';

function shown(text: string): string {
  return escapeMarkdown(printable(text.replace(/\s+/g, ' ')));
}

/** The protocols of a file as tables of their entries, with the defaults of those that are not written. */
export function protocolTexts(analysis: Analysis): readonly string[] {
  const statements = analysis.fileOf(analysis.root)?.statements ?? [];
  return statements.filter((each): each is ProtocolNode => each.kind === 'Protocol').map(protocolText);
}

function protocolText(node: ProtocolNode): string {
  const title = `# Protocol ${shown(node.name.name)}\n`;
  if (lowerProtocol(node).protocol === undefined) return `${title}\nIt has errors, which the editor marks.\n`;
  const rows = entryNames.map((name) => {
    const written = node.entries.find((entry) => entry.name.name === name)?.value.span;
    if (written !== undefined) return `| ${name} | ${shown(written.source.text.slice(written.start, written.end))} |`;
    const value = defaultText(entryWords[name]);
    return value === undefined ? '' : `| ${name} | ${shown(value)} (default) |`;
  });
  return [title, '| entry | value |', '| --- | --- |', ...rows.filter((row) => row !== ''), ''].join('\n');
}
