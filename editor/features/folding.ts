import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver';
import type { FileNode } from '../../grammar/ast.js';
import { visit } from '../../grammar/nodes.js';
import type { Span } from '../../grammar/source.js';
import { toPosition } from '../text/positions.js';

/** Foldable ranges: statements, members and lists of several lines, and sequences of comments and of `use`. */
export function foldingOf(file: FileNode): FoldingRange[] {
  const found = new Map<number, FoldingRange>();
  const fold = (span: Span, closes: boolean, kind?: FoldingRangeKind): void => {
    const startLine = toPosition(span.source, span.start).line;
    const last = toPosition(span.source, Math.max(span.start, span.end)).line;
    // The line of a closing bracket stays visible.
    const endLine = closes ? last - 1 : last;
    if (endLine > startLine && !found.has(startLine)) {
      found.set(startLine, { startLine, endLine, ...(kind === undefined ? {} : { kind }) });
    }
  };
  visit(file, {
    enter: (node) => {
      if (node.kind === 'File' || node.kind === 'Comment') return;
      fold(node.span, /[\])}]$/.test(file.source.text.slice(node.span.start, node.span.end)));
    },
  });
  for (const run of runs(file.comments.map(({ span }) => span))) fold(run, false, FoldingRangeKind.Comment);
  const uses = file.statements.filter(({ kind }) => kind === 'Use');
  for (const run of runs(uses.map(({ span }) => span))) fold(run, false, FoldingRangeKind.Imports);
  return [...found.values()].sort((a, b) => a.startLine - b.startLine);
}

/** Spans on consecutive lines, joined. */
function runs(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const before = joined.at(-1);
    const next =
      before !== undefined &&
      toPosition(span.source, span.start).line === toPosition(span.source, before.end).line + 1 &&
      toPosition(span.source, span.start).character === toPosition(span.source, before.start).character;
    if (next) joined[joined.length - 1] = { ...before, end: span.end };
    else joined.push(span);
  }
  return joined;
}
