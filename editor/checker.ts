import type { Diagnostic } from '../grammar/diagnostics/diagnostic.js';
import type { SourceFile } from '../grammar/source.js';
import type { Analysis } from './analysis.js';
import { pause } from './pause.js';
import type { Workspace } from './workspace.js';

/**
 * Checks open documents in steps, so that requests are handled in between, and merges what the checks of several
 * documents find in one file. A document whose analysis is unchanged is not checked again.
 */
export class Checker {
  /** The last diagnostics of each open document, and the text they belong to. */
  private readonly checked = new Map<
    string,
    { readonly analysis: Analysis; readonly diagnostics: readonly Diagnostic[] }
  >();

  constructor(private readonly workspace: Workspace) {}

  /**
   * Checks a document.
   * @returns whether it has been checked now: 'unchanged' if it already was, 'abandoned' if `isOver` became true
   */
  async check(path: string, isOver: () => boolean): Promise<'checked' | 'unchanged' | 'abandoned'> {
    const analysis = this.workspace.analysis(path);
    if (analysis === undefined || this.checked.get(path)?.analysis === analysis) return 'unchanged';
    while (!analysis.checkOn()) {
      await pause();
      if (isOver()) return 'abandoned';
    }
    this.checked.set(path, { analysis, diagnostics: analysis.diagnostics });
    return 'checked';
  }

  /** The diagnostics of each file's current text from the last check of any open document, in text order. */
  found(): ReadonlyMap<string, readonly Diagnostic[]> {
    const { documents } = this.workspace;
    for (const path of [...this.checked.keys()]) if (!documents.has(path)) this.checked.delete(path);
    const byPath = new Map<string, Map<string, Diagnostic>>();
    for (const path of documents.keys()) byPath.set(path, new Map());
    for (const { diagnostics } of this.checked.values()) {
      for (const each of diagnostics) {
        const { source, start, end } = each.span;
        if (this.isOld(source)) continue;
        const own = byPath.get(source.path) ?? new Map<string, Diagnostic>();
        const key = `${each.code} ${start} ${end}`;
        if (!own.has(key)) own.set(key, each);
        byPath.set(source.path, own);
      }
    }
    return new Map([...byPath].map(([path, own]) => [path, [...own.values()].sort(inTextOrder)]));
  }

  /** Whether an open document has changed since. */
  private isOld({ path, text }: SourceFile): boolean {
    const now = this.checked.get(path)?.analysis.fileOf(path)?.source;
    return now !== undefined && now.text !== text;
  }
}

function inTextOrder({ span: a }: Diagnostic, { span: b }: Diagnostic): number {
  return a.start - b.start || a.end - b.end;
}
