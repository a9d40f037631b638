import type { CstNode, IToken } from 'chevrotain';
import type { Comment, Identifier, MissingNode } from './ast.js';
import type { NameCstNode } from './cst.generated.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { spanOf } from './lex.js';
import type { SourceFile, Span } from './source.js';

/** The context of building a syntax tree, in addition to the concrete tree. */
export interface BuildContext {
  readonly source: SourceFile;
  readonly comments: readonly Comment[];
  readonly diagnostics: Diagnostic[];
  /** The end of the text built last: the position of anything missing after it. */
  cursor: number;
}

/** The first child with its name, which recovery may have skipped although the generated types promise it. */
export function first<T>(children: readonly T[] | undefined): T | undefined {
  return children?.[0];
}

/** The span of a token; that of an inserted one is at the cursor. */
export function tokenSpan(context: BuildContext, found: IToken): Span {
  if (Number.isNaN(found.startOffset)) return spanAtCursor(context);
  const span = spanOf(context.source, found);
  context.cursor = Math.max(context.cursor, span.end);
  return span;
}

/** The span of everything a rule parsed; that of an empty one is at the cursor. */
export function nodeSpan(context: BuildContext, node: CstNode): Span {
  const start = node.location?.startOffset ?? NaN;
  const end = node.location?.endOffset ?? NaN;
  if (Number.isNaN(start) || Number.isNaN(end)) return spanAtCursor(context);
  context.cursor = Math.max(context.cursor, end + 1);
  return { source: context.source, start, end: end + 1 };
}

export function spanAtCursor(context: BuildContext): Span {
  return { source: context.source, start: context.cursor, end: context.cursor };
}

export function missing(context: BuildContext): MissingNode {
  return { kind: 'Missing', span: spanAtCursor(context) };
}

/** The name that a rule parsed, without backticks, or an empty one. */
export function buildName(context: BuildContext, nodes: readonly NameCstNode[] | undefined): Identifier {
  const node = first(nodes);
  const found = first(node?.children.Identifier) ?? first(node?.children.QuotedName);
  if (found === undefined) return { kind: 'Identifier', name: '', span: spanAtCursor(context) };
  return { kind: 'Identifier', name: unquote(found.image), span: tokenSpan(context, found) };
}

/** A name without its backticks. */
export function unquote(image: string): string {
  return image.startsWith('`') ? image.replace(/^`|`$/g, '') : image;
}

/**
 * The text of the `///` comments directly above what begins at `start`, without slashes and the space after them,
 * joined by line breaks.
 */
export function docBefore(context: BuildContext, start: number): string | undefined {
  const lines: string[] = [];
  let below = start;
  for (let i = lastBefore(context.comments, start); i >= 0; i--) {
    const comment = context.comments[i];
    if (comment === undefined || !comment.doc) break;
    const gap = context.source.text.slice(comment.span.end, below);
    if (!/^[ \t]*(\r\n|\n|\r)[ \t]*$/.test(gap) || !opensLine(context.source, comment.span.start)) break;
    lines.unshift(comment.text.slice(3).replace(/^[ \t]/, ''));
    below = comment.span.start;
  }
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** Whether only white space precedes `offset` on its line. */
export function opensLine(source: SourceFile, offset: number): boolean {
  let start = offset;
  while (start > 0 && /[ \t\uFEFF]/.test(source.text.charAt(start - 1))) start--;
  return start === 0 || /[\r\n]/.test(source.text.charAt(start - 1));
}

/** The index of the last comment that ends at or before `offset`, or -1. */
function lastBefore(comments: readonly Comment[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.span.end ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
