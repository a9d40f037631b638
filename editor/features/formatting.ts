import type { Range, TextEdit } from 'vscode-languageserver';
import type { FileNode } from '../../grammar/ast.js';
import { visit } from '../../grammar/nodes.js';
import { parse } from '../../grammar/parse.js';
import { format } from '../../grammar/print.js';
import { createSource, type SourceFile } from '../../grammar/source.js';
import { toOffset, toPosition, toRange } from '../text/positions.js';

/** Returns the smallest edit that formats a document; none if it has syntax errors. */
export function formatText(source: SourceFile): TextEdit[] {
  const { text } = format(source);
  return smallestEdit(source, { start: 0, end: source.text.length }, text);
}

/** Returns the smallest edit that formats the members a range touches; none if the document has syntax errors. */
export function formatRange(file: FileNode, range: Range): TextEdit[] {
  const { source } = file;
  const { text, diagnostics } = format(source);
  if (diagnostics.some(({ severity }) => severity === 'error')) return [];
  const from = toOffset(source, range.start);
  const to = Math.max(from + 1, toOffset(source, range.end));
  const formatted = parse(createSource(source.path, text)).file;
  const start = { before: 0, after: 0 };
  const end = { before: source.text.length, after: text.length };
  for (const cut of cutsOf(file, formatted)) {
    if (cut.before <= from) Object.assign(start, cut);
    if (cut.before < to) continue;
    Object.assign(end, cut);
    break;
  }
  return smallestEdit(source, { start: start.before, end: end.before }, text.slice(start.after, end.after));
}

/** The same place before and after formatting. */
interface Cut {
  readonly before: number;
  readonly after: number;
}

/** The starts of lines that begin with the same member before and after formatting, and follow the same comments. */
function cutsOf(file: FileNode, formatted: FileNode): readonly Cut[] {
  const after = memberLines(formatted);
  return memberLines(file).flatMap((line, index) => {
    const other = after[index];
    const isSame = line !== undefined && other !== undefined && line.comments === other.comments;
    return isSame ? [{ before: line.start, after: other.start }] : [];
  });
}

/** The start of a line, and the number of comments before it. */
interface MemberLine {
  readonly start: number;
  readonly comments: number;
}

const holders: readonly string[] = ['File', 'Block', 'Model', 'Variant', 'Half', 'Init', 'Protocol', 'Study'];
const notMembers: readonly string[] = ['Identifier', 'Parameter', 'Comment'];

/** The line of each statement and member; undefined for one that does not begin its line. */
function memberLines(file: FileNode): readonly (MemberLine | undefined)[] {
  const { source, comments } = file;
  const lines: (MemberLine | undefined)[] = [];
  visit(file, {
    enter: (node, ancestors) => {
      if (!holders.includes(ancestors.at(-1)?.kind ?? '') || notMembers.includes(node.kind)) return;
      const { character } = toPosition(source, node.span.start);
      const start = node.span.start - character;
      const begins = source.text.slice(start, node.span.start).trim() === '';
      lines.push(begins ? { start, comments: comments.filter(({ span }) => span.start < start).length } : undefined);
    },
  });
  return lines;
}

/** The smallest edit of whole lines that replaces a part of a document; none if nothing changes. */
function smallestEdit(
  source: SourceFile,
  part: { readonly start: number; readonly end: number },
  after: string,
): TextEdit[] {
  const before = source.text.slice(part.start, part.end);
  if (before === after) return [];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  // Whole lines, so that a line break of two characters is never split.
  while (start > 0 && !/[\r\n]/.test(before.charAt(start - 1))) start--;
  while (end > 0 && /[\r\n]/.test(before.charAt(before.length - end))) end--;
  const span = { source, start: part.start + start, end: part.start + before.length - end };
  return [{ range: toRange(span), newText: after.slice(start, after.length - end) }];
}
