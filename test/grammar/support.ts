import type { Node } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { childKeys } from '../../grammar/nodes.js';
import { createSource, positionAt } from '../../grammar/source.js';
import { parse, parseExpression } from '../../grammar/parse.js';

/** A node without spans, sources and comments: what two trees of one meaning have alike. */
export function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !['span', 'source', 'comments'].includes(key));
  // A pipe has a field `source` too, which is a node.
  const kept =
    'kind' in value && value.kind === 'Pipe'
      ? [...entries, ['source', 'source' in value ? value.source : undefined]]
      : entries;
  return Object.fromEntries(kept.map(([key, inner]) => [key, bare(inner)]));
}

/** A tree as lines: kind, fields that are no nodes, and the children under it. */
export function summarize(node: Node, depth = 0): string {
  const keys: readonly string[] = childKeys[node.kind];
  const fields = Object.entries(node).filter(
    ([key, value]) =>
      !keys.includes(key) && !['kind', 'span', 'source', 'comments'].includes(key) && value !== undefined,
  );
  const shown = fields.map(([key, value]) => ` ${key}=${JSON.stringify(value)}`).join('');
  const lines = [`${'  '.repeat(depth)}${node.kind}${shown}`];
  for (const key of keys) {
    if (key === 'comments') continue;
    const value = (node as unknown as Record<string, Node | readonly Node[] | undefined>)[key];
    const children = value === undefined ? [] : [value].flat();
    if (children.length === 0) continue;
    lines.push(`${'  '.repeat(depth + 1)}${key}:`, ...children.map((child) => summarize(child, depth + 2)));
  }
  return lines.join('\n');
}

/** `line:column-line:column CODE message`, and labels, notes and help under it. */
export function listDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(listDiagnostic).join('');
}

function listDiagnostic({ span, code, message, labels, notes, help }: Diagnostic): string {
  const place = (of: Diagnostic['span']): string => {
    const start = positionAt(of.source, of.start);
    const end = positionAt(of.source, of.end);
    return `${start.line}:${start.column}-${end.line}:${end.column}`;
  };
  const extras = [
    ...labels.map((label) => `  ${place(label.span)} ${label.text}\n`),
    ...notes.map((note) => `  note: ${note}\n`),
    ...(help === undefined ? [] : [`  help: ${help}\n`]),
  ];
  return `${place(span)} ${code} ${message}\n${extras.join('')}`;
}

export function parseText(text: string) {
  return parse(createSource('test.unet', text));
}

export function parseValue(text: string) {
  return parseExpression(createSource('<set>', text));
}

/** The codes of the diagnostics of a text, in order. */
export function codesOf(text: string): string[] {
  return parseText(text).diagnostics.map(({ code }) => code);
}

/** How often a property is tried; `FUZZ_RUNS` tries it more often. */
export const runs = Number(process.env['FUZZ_RUNS'] ?? 150);
