import displayWidth from 'fast-string-width';
import { printable } from '../../text/printable.js';
import { positionAt, type SourceFile, type Span } from '../source.js';

/** A marked position in a frame: the error itself or one that contributes to it. */
export interface Mark {
  readonly span: Span;
  readonly text: string;
  readonly primary: boolean;
}

/** One row of a frame: a source line with its number, the marks under it, or omitted lines. */
export type Row =
  | { readonly kind: 'source'; readonly number: number; readonly text: string }
  | {
      readonly kind: 'mark';
      readonly blanks: number;
      readonly length: number;
      readonly mark: Mark;
      readonly text: string;
    }
  | { readonly kind: 'gap' };

/** Maximum number of code units shown of a line; of a longer one, those around its first mark. */
const longestLine = 160;
/** Maximum number of lines shown of one mark; of a longer one, the first and the last. */
const mostLines = 4;

/** A mark on one line: its columns in code units from 0. */
interface Segment {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly mark: Mark;
  readonly text: string;
}

/** The lines of `source` that the marks touch, each with its marks under it, in the order of the text. */
export function frameRows(source: SourceFile, marks: readonly Mark[]): Row[] {
  const segments = marks.flatMap((mark) => segmentsOf(source, mark));
  const lines = [...new Set(segments.map(({ line }) => line))].sort((a, b) => a - b);
  return lines.flatMap((line, i) => {
    const own = segments.filter((segment) => segment.line === line);
    const previous = lines[i - 1];
    const gap: Row[] = previous !== undefined && previous < line - 1 ? [{ kind: 'gap' }] : [];
    return [...gap, ...lineRows(source, line, own)];
  });
}

function segmentsOf(source: SourceFile, mark: Mark): Segment[] {
  const start = positionAt(source, mark.span.start);
  const end = positionAt(source, Math.max(mark.span.start, mark.span.end));
  const last = end.column === 1 && end.line > start.line ? end.line - 1 : end.line;
  const segments: Segment[] = [];
  for (let line = start.line; line <= last; line++) {
    if (last - start.line >= mostLines && line !== start.line && line !== last) continue;
    const length = lineText(source, line).length;
    const indentation = lineText(source, line).search(/\S|$/);
    segments.push({
      line,
      start: line === start.line ? start.column - 1 : indentation,
      end: line === end.line ? end.column - 1 : length,
      mark,
      text: line === last ? mark.text : '',
    });
  }
  return segments;
}

function lineText(source: SourceFile, line: number): string {
  const start = source.lineStarts[line - 1] ?? source.text.length;
  const end = source.lineStarts[line] ?? source.text.length;
  return source.text.slice(start, end).replace(/(?:\r\n|[\r\n])$/, '');
}

function lineRows(source: SourceFile, line: number, segments: readonly Segment[]): Row[] {
  const whole = lineText(source, line);
  const focus = Math.min(...segments.map(({ start }) => start));
  const from = whole.length <= longestLine ? 0 : Math.max(0, focus - longestLine / 2);
  const cut = whole.slice(from, from + longestLine);
  const lead = from > 0 ? '...' : '';
  const trail = from + longestLine < whole.length ? '...' : '';
  const columnOf = (offset: number): number => {
    const inside = Math.max(0, Math.min(offset - from, cut.length));
    return lead.length + displayWidth(shown(cut.slice(0, inside))) + Math.max(0, Math.min(1, offset - from - inside));
  };
  const rows = [...segments]
    .sort((a, b) => Number(b.mark.primary) - Number(a.mark.primary) || a.start - b.start)
    .map(({ start, end, mark, text }): Row => {
      const blanks = columnOf(start);
      return { kind: 'mark', blanks, length: Math.max(1, columnOf(end) - blanks), mark, text };
    });
  return [{ kind: 'source', number: line, text: `${lead}${shown(cut)}${trail}`.trimEnd() }, ...rows];
}

/** A part of a source line as shown in a frame: tabs as spaces, control characters as `\u{...}`. */
function shown(text: string): string {
  return printable(text.replace(/\t/g, '    '));
}
