import type { Span } from '../source.js';

export type Severity = 'error' | 'warning' | 'information';

/** A place that contributes to a problem, with what happens there. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

/** An edit that is known to help: `text` in place of what `span` covers. */
export interface Fix {
  readonly title: string;
  readonly span: Span;
  readonly text: string;
}

/** A diagnostic as data; `render.ts` renders it. */
export interface Diagnostic {
  /** Stable, never reused: `UNET3007`. */
  readonly code: string;
  readonly severity: Severity;
  /** One self-contained sentence, with names in backticks. */
  readonly message: string;
  /** The smallest span that shows the fault. */
  readonly span: Span;
  readonly labels: readonly Label[];
  readonly notes: readonly string[];
  /** A remedy, only where it is known to help. */
  readonly help: string | undefined;
  readonly fixes: readonly Fix[];
}

export interface DiagnosticExtras {
  readonly labels?: readonly Label[];
  readonly notes?: readonly string[];
  readonly help?: string | undefined;
  readonly fixes?: readonly Fix[];
}
