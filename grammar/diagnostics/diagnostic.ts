import type { Span } from '../source.js';

export type Severity = 'error' | 'warning' | 'information';

/** A position that contributes to a problem, with an explanation. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

/** An edit that is known to fix the problem: replaces `span` by `text`. */
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
  /** The smallest span that shows the problem. */
  readonly span: Span;
  readonly labels: readonly Label[];
  readonly notes: readonly string[];
  /** A suggested fix, only if it is known to help. */
  readonly help: string | undefined;
  readonly fixes: readonly Fix[];
  /** The text in which further errors follow from this one and are not reported. */
  readonly covers: Span | undefined;
}

export interface DiagnosticExtras {
  readonly labels?: readonly Label[];
  readonly notes?: readonly string[];
  readonly help?: string | undefined;
  readonly fixes?: readonly Fix[];
  readonly covers?: Span | undefined;
}
