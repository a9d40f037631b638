import {
  DocumentDiagnosticReportKind,
  type DocumentDiagnosticReport,
  type FullDocumentDiagnosticReport,
} from 'vscode-languageserver';
import type { Checker } from './checker.js';
import { showDiagnostic } from './features/diagnostics.js';
import type { Publish } from './publisher.js';
import { uriOf } from './text/paths.js';
import type { Workspace } from './workspace.js';

/**
 * Answers a client that requests diagnostics: those of a document, from its own check and from those of the open
 * documents that import it. Those of imported files that are not open are part of the answer, or published for a client
 * that does not support related documents.
 */
export class Pull {
  private resultId = 0;
  /** The last answer about each document. */
  private readonly answered = new Map<string, { readonly id: string; readonly text: string }>();
  /** Files that are not open and were reported to have diagnostics. */
  private readonly reported = new Set<string>();
  /** Set if the diagnostics of related documents are published. */
  publish: Publish | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly checker: Checker,
    private readonly pages: string | undefined,
  ) {}

  /**
   * The diagnostics of a document; undefined if the text changed before they were complete.
   * @param previousId the answer that the client already has, which is not repeated
   */
  async report(
    path: string,
    previousId: string | undefined,
    isOver: () => boolean,
  ): Promise<DocumentDiagnosticReport | undefined> {
    const importing = this.workspace.openDependents(path).map(({ root }) => root);
    for (const each of new Set([path, ...importing])) {
      if ((await this.checker.check(each, isOver)) === 'abandoned') return undefined;
    }
    const found = this.checker.found();
    const full = (each: string): FullDocumentDiagnosticReport => ({
      kind: DocumentDiagnosticReportKind.Full,
      items: (found.get(each) ?? []).map((diagnostic) => showDiagnostic(diagnostic, this.pages)),
    });
    const own = full(path);
    const others = this.relatedTo(path, found).map((each) => [uriOf(each), full(each)] as const);
    const { publish } = this;
    if (publish !== undefined) for (const [uri, { items }] of others) publish(uri, undefined, items);
    const related = publish === undefined ? Object.fromEntries(others) : {};
    const relatedDocuments = Object.keys(related).length === 0 ? {} : { relatedDocuments: related };
    const text = JSON.stringify([own, related]);
    const before = this.answered.get(path);
    if (before !== undefined && before.text === text && before.id === previousId) {
      return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: before.id };
    }
    const id = String(++this.resultId);
    this.answered.set(path, { id, text });
    return { ...own, resultId: id, ...relatedDocuments };
  }

  /** The files to report along with a document: imported ones that are not open, and those that have become correct. */
  private relatedTo(path: string, found: ReadonlyMap<string, readonly unknown[]>): readonly string[] {
    const { documents } = this.workspace;
    const imported = this.workspace.analysis(path)?.program.files;
    const files = [...new Set([...this.reported, ...found.keys()])].filter((file) => !documents.has(file));
    const related = files.filter((file) => !found.has(file) || imported?.has(file) === true);
    for (const file of related) {
      if (found.has(file)) this.reported.add(file);
      else this.reported.delete(file);
    }
    return related;
  }
}
