import type { Diagnostic as Shown } from 'vscode-languageserver';
import type { Diagnostic } from '../grammar/diagnostics/diagnostic.js';
import type { SourceFile } from '../grammar/source.js';
import type { Analysis } from './analysis.js';
import { showDiagnostic } from './features/diagnostics.js';
import { uriOf } from './text/paths.js';
import type { Workspace } from './workspace.js';

/** Sends the diagnostics of one file; `version` is that of the open document they were found in. */
export type Publish = (uri: string, version: number | undefined, diagnostics: readonly Shown[]) => void;

/**
 * Keeps the diagnostics of all open documents up to date, including those that change because an imported file was
 * changed. A check begins `delay` milliseconds after the last change, with the document changed last, whose diagnostics
 * are sent before the next one is checked. It runs in steps so that requests are handled in between, and is abandoned
 * when the text changes.
 */
export class Publisher {
  private timer: NodeJS.Timeout | undefined;
  private run = 0;
  /** The last diagnostics of each open document, and the text they belong to. */
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

  /** Schedules a check after a change. */
  schedule(): void {
    this.run++;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(this.run), this.delay);
  }

  /** Handles a closed document: when it is opened again its versions restart, so its diagnostics must be sent again. */
  close(path: string): void {
    const before = this.shown.get(path);
    if (before !== undefined) this.shown.set(path, { ...before, version: undefined });
    this.schedule();
  }

  /** Stops the current check. */
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

  /** Sends early diagnostics of a document; if documents that import it may add more, only errors are sent. */
  private showEarly(path: string, unchecked: readonly string[]): void {
    const found = this.found().get(path) ?? [];
    const uses = (other: string): boolean => this.workspace.analysis(other)?.program.files.has(path) === true;
    if (found.some(({ severity }) => severity === 'error') || !unchecked.some(uses)) this.showFile(path, found);
  }

  private show(): void {
    const found = this.found();
    for (const path of [...found.keys(), ...this.shown.keys()]) this.showFile(path, found.get(path) ?? []);
  }

  /** The diagnostics of each file's current text from the last check of any open document, without duplicates. */
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

  /** Whether an open document has changed since. */
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
