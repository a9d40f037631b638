import { DiagnosticSeverity, DiagnosticTag, type Diagnostic as Shown } from 'vscode-languageserver';
import type { Diagnostic, Severity } from '../../grammar/diagnostics/diagnostic.js';
import { uriOf } from '../text/paths.js';
import { toRange } from '../text/positions.js';

const severities: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

/** Converts a diagnostic for an editor: notes and help below the message, labels as related information. */
export function showDiagnostic(diagnostic: Diagnostic, pages: string | undefined): Shown {
  const { code, severity, message, span, labels, notes, help } = diagnostic;
  const lines = [message, ...notes.map((note) => `note: ${note}`), ...(help === undefined ? [] : [`help: ${help}`])];
  return {
    range: toRange(span),
    severity: severities[severity],
    code,
    ...(pages === undefined ? {} : { codeDescription: { href: `${pages}/${code}.md` } }),
    source: 'unet',
    message: lines.join('\n'),
    ...(code === 'UNET4001' ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    relatedInformation: labels.map((label) => ({
      location: { uri: uriOf(label.span.source.path), range: toRange(label.span) },
      message: label.text,
    })),
  };
}
