import type { Position, Range } from 'vscode-languageserver';
import { positionAt, type SourceFile, type Span } from '../../grammar/source.js';

/** A position as the protocol defines it: line and UTF-16 column from 0. */
export function toPosition(source: SourceFile, offset: number): Position {
  const { line, column } = positionAt(source, offset);
  return { line: line - 1, character: column - 1 };
}

/** A span as the protocol defines it. */
export function toRange({ source, start, end }: Span): Range {
  return { start: toPosition(source, start), end: toPosition(source, end) };
}

/** The offset of a position; one beyond the end of its line is the end of the line. */
export function toOffset(source: SourceFile, { line, character }: Position): number {
  const start = source.lineStarts[line];
  if (start === undefined) return source.text.length;
  const next = source.lineStarts[line + 1];
  const end = next === undefined ? source.text.length : lineEnd(source.text, start, next);
  return Math.min(start + Math.max(0, character), end);
}

/** The end of a line, before its line break. */
function lineEnd(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && /[\r\n]/.test(text.charAt(end - 1))) end--;
  return end;
}
