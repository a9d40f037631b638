/** A source text, with the data needed to describe positions in it. */
export interface SourceFile {
  /** Path as given by the user, or `<set>` and the like for text that is not in a file. */
  readonly path: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
}

/** Half-open range of UTF-16 offsets `[start, end)` in one source file. */
export interface Span {
  readonly source: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A position for people: both numbers count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Wraps `text`, which came from `path`; lines end at `\n`, `\r\n` or a lone `\r`. */
export function createSource(path: string, text: string): SourceFile {
  const lineStarts = [0];
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === 13 && text.charCodeAt(i + 1) === 10) continue;
    if (character === 10 || character === 13) lineStarts.push(i + 1);
  }
  return { path, text, lineStarts };
}

/** The line and column of `offset`; offsets past the end refer to the end. */
export function positionAt(source: SourceFile, offset: number): Position {
  const bounded = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= bounded) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: bounded - (source.lineStarts[low] ?? 0) + 1 };
}

/** The text a span covers. */
export function textOf(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

/** The smallest span that contains both; they must be of one source. */
export function joinSpans(first: Span, last: Span): Span {
  return {
    source: first.source,
    start: Math.min(first.start, last.start),
    end: Math.max(first.end, last.end),
  };
}

/** The white space directly before an offset: the indentation, if a line begins there. */
export function blanksBefore({ text }: SourceFile, offset: number): string {
  let start = offset;
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start--;
  return text.slice(start, offset);
}
