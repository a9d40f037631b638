import { CodeActionKind, type CodeAction, type Range } from 'vscode-languageserver';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { uriOf } from '../text/paths.js';
import { toRange } from '../text/positions.js';
import { showDiagnostic } from './diagnostics.js';

/** The fixes of the diagnostics that touch a range, most likely first. */
export function quickFixes(
  diagnostics: readonly Diagnostic[],
  path: string,
  range: Range,
  pages: string | undefined,
): readonly CodeAction[] {
  const touching = diagnostics.filter(({ span }) => span.source.path === path && touches(toRange(span), range));
  return touching.flatMap((diagnostic) =>
    diagnostic.fixes.map((fix, index) => ({
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [showDiagnostic(diagnostic, pages)],
      isPreferred: index === 0,
      edit: { changes: { [uriOf(fix.span.source.path)]: [{ range: toRange(fix.span), newText: fix.text }] } },
    })),
  );
}

function touches(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
