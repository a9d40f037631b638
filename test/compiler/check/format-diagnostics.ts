import type { Diagnostic } from '../../../grammar/diagnostics/diagnostic.js';
import { positionAt, textOf, type Span } from '../../../grammar/source.js';

/** Diagnostics as a fixture keeps them: code, place, message, the text that is marked, labels, notes, help. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(formatDiagnostic).join('\n');
}

function formatDiagnostic(diagnostic: Diagnostic): string {
  const { code, severity, message, span, labels, notes, help } = diagnostic;
  const lines = [`${code} ${severity} ${place(span)} ${message}`, `  at ${marked(span)}`];
  for (const label of labels) lines.push(`  label ${place(label.span)} ${label.text}: ${marked(label.span)}`);
  for (const note of notes) lines.push(`  note ${note}`);
  if (help !== undefined) lines.push(`  help ${help}`);
  return `${lines.join('\n')}\n`;
}

function place(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  return `${span.source.path}:${line}:${column}`;
}

/** The marked text, its line breaks as spaces, cut where it is long. */
function marked(span: Span): string {
  const text = textOf(span).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
