import picocolors from 'picocolors';
import { positionAt, type SourceFile } from '../source.js';
import type { Diagnostic } from './diagnostic.js';
import { printable } from '../../text/printable.js';
import { wrapLines } from '../../text/wrap.js';
import { frameRows, type Mark, type Row } from './frame.js';

/** How diagnostics are rendered. */
export interface RenderOptions {
  /** Defaults to the terminal's abilities. */
  readonly colours?: boolean;
  /** The columns that messages, notes and help are wrapped to, but not source lines; by default, nothing is wrapped. */
  readonly columns?: number | undefined;
}

type Colours = ReturnType<typeof picocolors.createColors>;

/** Renders diagnostics for a terminal, separated by empty lines; no line break at the end. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join('\n\n');
}

/**
 * Renders one diagnostic: its message, `file:line:column`, the source lines with `^` under the error and `-` under
 * related places, its notes and its help.
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const colours = picocolors.createColors(options.colours ?? picocolors.isColorSupported);
  const marks: Mark[] = [
    { span: diagnostic.span, text: '', primary: true },
    ...diagnostic.labels.map(({ span, text }) => ({ span, text, primary: false })),
  ];
  const sources = [...new Set(marks.map(({ span }) => span.source))];
  const frames = sources.map((source) => {
    const own = marks.filter(({ span }) => span.source === source);
    return { source, mark: own[0] as Mark, rows: frameRows(source, own) };
  });
  const numbers = frames.flatMap(({ rows }) => rows.map((row) => (row.kind === 'source' ? row.number : 0)));
  const gutter = String(Math.max(...numbers)).length;
  const tint = diagnostic.severity === 'error' ? colours.red : colours.yellow;
  const title = `${tint(colours.bold(`${diagnostic.severity} ${diagnostic.code}`))}${colours.bold(`: ${printable(diagnostic.message)}`)}`;
  const wrapped = (line: string): string => wrapLines(line, options.columns);
  const lines = [wrapped(title)];
  for (const { source, mark, rows } of frames) lines.push(...frameLines(source, mark, rows, gutter, colours, tint));
  const bar = ' '.repeat(gutter + 1);
  for (const note of diagnostic.notes)
    lines.push(wrapped(`${bar}${colours.blue('=')} ${colours.bold('note')}: ${printable(note)}`));
  if (diagnostic.help !== undefined) {
    lines.push(wrapped(`${bar}${colours.blue('=')} ${colours.bold('help')}: ${printable(diagnostic.help)}`));
  }
  return lines.join('\n');
}

function frameLines(
  source: SourceFile,
  mark: Mark,
  rows: readonly Row[],
  gutter: number,
  colours: Colours,
  tint: (text: string) => string,
): string[] {
  const { line, column } = positionAt(source, mark.span.start);
  const blank = ' '.repeat(gutter);
  const edge = colours.blue('|');
  const lines = [`${blank}${colours.blue('-->')} ${printable(source.path)}:${line}:${column}`, `${blank} ${edge}`];
  for (const row of rows) {
    if (row.kind === 'gap') lines.push(colours.blue('...'));
    else if (row.kind === 'source') {
      const number = colours.blue(String(row.number).padStart(gutter));
      lines.push(`${number} ${edge} ${row.text}`.trimEnd());
    } else {
      const paint = row.mark.primary ? tint : colours.blue;
      const signs = (row.mark.primary ? '^' : '-').repeat(row.length);
      const text = row.text === '' ? '' : ` ${printable(row.text)}`;
      lines.push(`${blank} ${edge} ${' '.repeat(row.blanks)}${paint(`${signs}${text}`)}`);
    }
  }
  return lines;
}
