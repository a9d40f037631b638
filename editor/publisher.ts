import type { Diagnostic as Shown } from 'vscode-languageserver';
import type { Diagnostic } from '../grammar/diagnostics/diagnostic.js';
import type { Checker } from './checker.js';
import { showDiagnostic } from './features/diagnostics.js';
import { uriOf } from './text/paths.js';
import type { Updates } from './updates.js';
import type { Workspace } from './workspace.js';

/** Sends the diagnostics of one file; `version` is that of the open document they were found in. */
export type Publish = (uri: string, version: number | undefined, diagnostics: readonly Shown[]) => void;

/**
 * Keeps the diagnostics of all open documents up to date in a client that does not request them, including those that
 * change because an imported file was changed. A check begins `delay` milliseconds after the last change, with the
 * document changed last, whose diagnostics are sent before the next one is checked, and is abandoned when the text
 * changes.
 */
export class Publisher implements Updates {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private run = 0;
  private readonly shown = new Map<string, { readonly version: number | undefined; readonly text: string }>();

  constructor(
    private readonly workspace: Workspace,
    private readonly checker: Checker,
    private readonly publish: Publish,
    private readonly pages: string | undefined,
    private readonly delay: number,
  ) {}

  textChanged(): void {
    this.schedule();
  }

  filesChanged(): void {
    this.schedule();
  }

  /** When the document is opened again its versions restart, so its diagnostics must be sent again. */
  closed(path: string): void {
    const before = this.shown.get(path);
    if (before !== undefined) this.shown.set(path, { ...before, version: undefined });
    this.schedule();
  }

  /** Stops the current check. */
  stop(): void {
    this.run++;
    clearTimeout(this.timer);
  }

  /** Schedules a check after a change. */
  private schedule(): void {
    this.stop();
    this.timer = setTimeout(() => void this.check(this.run), this.delay);
  }

  private async check(run: number): Promise<void> {
    const documents = [...this.workspace.documents.keys()].reverse();
    for (const [index, path] of documents.entries()) {
      const outcome = await this.checker.check(path, () => run !== this.run);
      if (outcome === 'abandoned') return;
      if (outcome === 'checked') this.showEarly(path, documents.slice(index + 1));
    }
    const found = this.checker.found();
    for (const path of [...found.keys(), ...this.shown.keys()]) this.showFile(path, found.get(path) ?? []);
  }

  /** Sends early diagnostics of a document; if documents that import it may add more, only errors are sent. */
  private showEarly(path: string, unchecked: readonly string[]): void {
    const found = this.checker.found().get(path) ?? [];
    const uses = (other: string): boolean => this.workspace.analysis(other)?.program.files.has(path) === true;
    if (found.some(({ severity }) => severity === 'error') || !unchecked.some(uses)) this.showFile(path, found);
  }

  private showFile(path: string, diagnostics: readonly Diagnostic[]): void {
    const document = this.workspace.documents.get(path);
    const version = document?.version;
    const shown = diagnostics.map((each) => showDiagnostic(each, this.pages));
    const text = JSON.stringify(shown);
    const before = this.shown.get(path);
    if (before?.text === text && before.version === version) return;
    if (document === undefined && shown.length === 0) this.shown.delete(path);
    else this.shown.set(path, { version, text });
    this.publish(document?.uri ?? uriOf(path), version, shown);
  }
}
