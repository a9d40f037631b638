import type { Diagnostic as Shown } from 'vscode-languageserver';
import type { Diagnostic } from '../grammar/diagnostics/diagnostic.js';
import type { SourceFile } from '../grammar/source.js';
import type { Analysis } from './analysis.js';
import { showDiagnostic } from './features/diagnostics.js';
import { uriOf } from './text/paths.js';
import type { Workspace } from './workspace.js';

/** Sends what is to be shown of one file; `version` is that of the open document it was found in. */
export type Publish = (uri: string, version: number | undefined, diagnostics: readonly Shown[]) => void;

/**
 * Keeps the diagnostics of all open documents shown, those too that a document has since a file it uses was changed. A
 * check begins when nothing was typed for `delay` milliseconds, with the document that was changed last, whose diagnostics are
 * shown before the next one is looked at; it goes step by step so that questions are answered in between, and is given up
 * when something is typed.
 */
export class Publisher {
  private timer: NodeJS.Timeout | undefined;
  private run = 0;
  /** What was last found of each open document, and in which text. */
  private readonly checked = new Map<
    string,
    { readonly analysis: Analysis; readonly diagnostics: readonly Diagnostic[] }
  >();
  private readonly shown = new Map<string, { readonly version: number | undefined; readonly text: string }>();

  constructor(
    private readonly workspace: Workspace,
    private readonly publish: Publish,
    private readonly pages: string | undefined,
    public delay: number,
  ) {}

  /** Something has changed. */
  schedule(): void {
    this.run++;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(this.run), this.delay);
  }

  /** A document was closed: opened again, its versions restart, so its diagnostics are sent whatever was sent before. */
  close(path: string): void {
    const before = this.shown.get(path);
    if (before !== undefined) this.shown.set(path, { ...before, version: undefined });
    this.schedule();
  }

  /** Ends what is under way. */
  stop(): void {
    this.run++;
    clearTimeout(this.timer);
  }

  private async check(run: number): Promise<void> {
    for (const path of [...this.checked.keys()]) if (!this.workspace.documents.has(path)) this.checked.delete(path);
    const documents = [...this.workspace.documents.keys()].reverse();
    for (const [index, path] of documents.entries()) {
      const analysis = this.workspace.analysis(path);
      if (analysis === undefined || this.checked.get(path)?.analysis === analysis) continue;
      while (!analysis.checkOn()) {
        await new Promise((resolve) => setImmediate(resolve));
        if (run !== this.run) return;
      }
      this.checked.set(path, { analysis, diagnostics: analysis.diagnostics });
      this.showEarly(path, documents.slice(index + 1));
    }
    this.show();
  }

  /** Shows what is known of a document; where those that use it may yet tell of more, only errors are worth it. */
  private showEarly(path: string, unchecked: readonly string[]): void {
    const found = this.found().get(path) ?? [];
    const uses = (other: string): boolean => this.workspace.analysis(other)?.program.files.has(path) === true;
    if (found.some(({ severity }) => severity === 'error') || !unchecked.some(uses)) this.showFile(path, found);
  }

  private show(): void {
    const found = this.found();
    for (const path of [...found.keys(), ...this.shown.keys()]) this.showFile(path, found.get(path) ?? []);
  }

  /** Each file has what was said of its present text in the last check of any open document, once. */
  private found(): ReadonlyMap<string, readonly Diagnostic[]> {
    const byPath = new Map<string, Map<string, Diagnostic>>();
    for (const path of this.workspace.documents.keys()) byPath.set(path, new Map());
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
    return new Map([...byPath].map(([path, own]) => [path, [...own.values()]]));
  }

  /** Whether an open document has another text by now. */
  private isOld({ path, text }: SourceFile): boolean {
    const now = this.checked.get(path)?.analysis.fileOf(path)?.source;
    return now !== undefined && now.text !== text;
  }

  private showFile(path: string, diagnostics: readonly Diagnostic[]): void {
    const document = this.workspace.documents.get(path);
    const version = document?.version;
    const sorted = [...diagnostics].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
    const shown = sorted.map((each) => showDiagnostic(each, this.pages));
    const text = JSON.stringify(shown);
    const before = this.shown.get(path);
    if (before?.text === text && before.version === version) return;
    if (document === undefined && shown.length === 0) this.shown.delete(path);
    else this.shown.set(path, { version, text });
    this.publish(document?.uri ?? uriOf(path), version, shown);
  }
}
