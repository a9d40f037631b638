import { positionAt, type Position, type Span } from '../source.js';
import type { Diagnostic, Severity } from './diagnostic.js';

/** The position of a span; lines and columns count from 1, columns in UTF-16 units, and `end` is exclusive. */
export interface PlaceJson {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

export interface DiagnosticJson extends PlaceJson {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly labels: readonly (PlaceJson & { readonly text: string })[];
  readonly notes: readonly string[];
  readonly help: string | null;
  /** Edits that are known to help, most likely first: `text` replaces the source from `start` to `end`. */
  readonly fixes: readonly (PlaceJson & { readonly title: string; readonly text: string })[];
}

/** The JSON form of diagnostics that `unet check --format json` prints. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): { readonly diagnostics: DiagnosticJson[] } {
  return { diagnostics: diagnostics.map(diagnosticJson) };
}

function diagnosticJson({ code, severity, message, span, labels, notes, help, fixes }: Diagnostic): DiagnosticJson {
  return {
    code,
    severity,
    message,
    ...placeJson(span),
    labels: labels.map((label) => ({ ...placeJson(label.span), text: label.text })),
    notes,
    help: help ?? null,
    fixes: fixes.map((fix) => ({ title: fix.title, ...placeJson(fix.span), text: fix.text })),
  };
}

function placeJson({ source, start, end }: Span): PlaceJson {
  return { file: source.path, start: positionAt(source, start), end: positionAt(source, end) };
}
