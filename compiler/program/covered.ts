import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import type { SourceFile } from '../../grammar/source.js';

/** Removes the errors in text that another error covers; of errors that cover the same text, the first stays. */
export function silenceCovered(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const covering = diagnostics
    .filter((each) => each.covers !== undefined)
    .map((diagnostic) => ({ diagnostic, span: diagnostic.covers ?? diagnostic.span }))
    .sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const outermost = new Map<SourceFile, typeof covering>();
  for (const each of covering) {
    const own = outermost.get(each.span.source) ?? [];
    outermost.set(each.span.source, own);
    if (each.span.end > (own.at(-1)?.span.end ?? -1)) own.push(each);
  }
  return diagnostics.filter((each) => {
    const cover = outermost.get(each.span.source)?.findLast(({ span }) => span.start <= each.span.start);
    return cover === undefined || cover.diagnostic === each || each.span.end > cover.span.end;
  });
}
