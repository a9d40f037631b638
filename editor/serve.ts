import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type DiagnosticServerCancellationData,
  type InitializeParams,
  type InitializeResult,
  type ServerCapabilities,
  type TextDocumentPositionParams,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { FileNode } from '../grammar/ast.js';
import type { Analysis } from './analysis.js';
import { Checker } from './checker.js';
import {
  diagramRequest,
  serverCommands,
  type DiagramParams,
  type NamedModel,
  type NamedStudy,
} from './command-names.js';
import { completionsAt } from './completion/completion.js';
import { codeLenses } from './features/code-lens.js';
import { ablationsText, reportText } from './features/commands.js';
import { findDefinition } from './features/definition.js';
import { diagramOf } from './features/diagram.js';
import { foldingOf } from './features/folding.js';
import { formatRange, formatText } from './features/formatting.js';
import { hoverAt } from './features/hover.js';
import { inlayHints } from './features/inlay-hints.js';
import { linksOf } from './features/links.js';
import { analysesOf } from './features/occurrences.js';
import { outlineOf } from './features/outline.js';
import { quickFixes } from './features/quick-fixes.js';
import { findHighlights, findReferences } from './features/references.js';
import { prepareRename, rename, RenameRefused } from './features/rename.js';
import { selectionRanges } from './features/selection.js';
import { legend, semanticTokens } from './features/semantic-tokens.js';
import { signatureHelpAt } from './features/signature-help.js';
import { studyText } from './features/studies.js';
import { workspaceSymbols } from './features/workspace-symbols.js';
import type { Place } from './place.js';
import { Publisher, type Publish } from './publisher.js';
import { Pull } from './pull.js';
import { pathOf } from './text/paths.js';
import { toOffset } from './text/positions.js';
import { Refresher, type Updates } from './updates.js';
import { Workspace, type Files } from './workspace.js';

/** Options of a server. */
export interface ServerOptions {
  /** The files to work on. */
  readonly files: Files;
  readonly version: string;
  /** URI of the folder with the pages of diagnostics. */
  readonly pages?: string;
  /** Registers requests of a particular client. */
  readonly extend?: (workspace: Workspace) => void;
}

/** Options that a client may send in `initializationOptions`. */
interface ClientOptions {
  /** Milliseconds after the last change before a check begins. */
  readonly diagnosticsDelay?: number;
}

const usualDelay = 150;

const capabilities: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['.', '(', '[', '"', '`', '/', ':'] },
  signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [':'] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  semanticTokensProvider: { legend, full: true },
  selectionRangeProvider: true,
  foldingRangeProvider: true,
  documentLinkProvider: {},
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  diagnosticProvider: { identifier: 'unet', interFileDependencies: true, workspaceDiagnostics: false },
  inlayHintProvider: true,
  codeLensProvider: {},
  executeCommandProvider: { commands: Object.values(serverCommands) },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

/** Serves the language server protocol on a connection, in Node or in a browser. */
export function serve(connection: Connection, options: ServerOptions): void {
  const workspace = new Workspace(options.files);
  const documents = new TextDocuments(TextDocument);
  const checker = new Checker(workspace);
  const pull = new Pull(workspace, checker, options.pages);
  const client = { snippets: false };
  let updates: Updates | undefined;
  connection.onInitialize((params): InitializeResult => {
    workspace.folders = foldersOf(params);
    const publish: Publish = (uri, version, diagnostics) => {
      const known = version === undefined ? {} : { version };
      void connection.sendDiagnostics({ uri, ...known, diagnostics: [...diagnostics] });
    };
    const { diagnostic: pulls, completion } = params.capabilities.textDocument ?? {};
    client.snippets = completion?.completionItem?.snippetSupport === true;
    if (pulls?.relatedDocumentSupport !== true) pull.publish = publish;
    const delay = delayOf(params);
    updates =
      pulls === undefined
        ? new Publisher(workspace, checker, publish, options.pages, delay)
        : new Refresher(workspace, refreshOf(connection, params), delay);
    registerListeners(connection, workspace, params);
    return { capabilities, serverInfo: { name: 'unet', version: options.version } };
  });
  connection.onDidChangeWatchedFiles(() => {
    workspace.refresh();
    updates?.filesChanged();
  });
  connection.onShutdown(() => updates?.stop());
  documents.onDidChangeContent(({ document }) => {
    const path = pathOf(document.uri);
    workspace.open(path, document.uri, document.version, document.getText());
    updates?.textChanged(path);
  });
  documents.onDidSave(() => {
    workspace.refresh();
    updates?.filesChanged();
  });
  documents.onDidClose(({ document }) => {
    const path = pathOf(document.uri);
    workspace.close(path);
    updates?.closed(path);
  });
  answerAtPlaces(connection, workspace, client);
  answerAboutDocuments(connection, workspace, options.pages);
  answerDiagnostics(connection, workspace, pull);
  options.extend?.(workspace);
  connection.onWorkspaceSymbol(({ query }) => workspaceSymbols(workspace, query));
  documents.listen(connection);
  connection.listen();
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (typeof rootUri === 'string' ? [rootUri] : []);
  return uris.map(pathOf);
}

/** Registers listeners for changes on disk, if the client supports them, and for folders that are opened or closed. */
function registerListeners(connection: Connection, workspace: Workspace, params: InitializeParams): void {
  const { workspaceFolders, didChangeWatchedFiles } = params.capabilities.workspace ?? {};
  connection.onInitialized(() => {
    if (workspaceFolders === true) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => pathOf(uri)));
        workspace.folders = [
          ...workspace.folders.filter((folder) => !gone.has(folder)),
          ...added.map(({ uri }) => pathOf(uri)),
        ];
      });
    }
    if (didChangeWatchedFiles?.dynamicRegistration !== true) return;
    const watchers = [{ globPattern: '**/*.unet' }];
    void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  });
}

function delayOf({ initializationOptions }: InitializeParams): number {
  const { diagnosticsDelay } = (initializationOptions ?? {}) as ClientOptions;
  return typeof diagnosticsDelay === 'number' && diagnosticsDelay >= 0 ? diagnosticsDelay : usualDelay;
}

/** Returns a function that asks a client to request diagnostics again; one that refuses keeps those it has. */
function refreshOf({ languages }: Connection, { capabilities: client }: InitializeParams): () => void {
  if (client.workspace?.diagnostics?.refreshSupport !== true) return () => undefined;
  return () => void languages.diagnostics.refresh().catch(() => undefined);
}

/** Handles requests about a position in a document. Requests about unknown documents return nothing. */
function answerAtPlaces(connection: Connection, workspace: Workspace, client: { readonly snippets: boolean }): void {
  const at = <T>({ textDocument, position }: TextDocumentPositionParams, answer: (place: Place) => T): T | null => {
    const path = pathOf(textDocument.uri);
    const analysis = workspace.analysis(path);
    const file = analysis?.fileOf(path);
    if (analysis === undefined || file === undefined) return null;
    return answer({ analysis, path, file, offset: toOffset(file.source, position) });
  };
  connection.onHover((params) => at(params, (place) => hoverAt(workspace, place)) ?? null);
  connection.onCompletion((params) => at(params, (place) => [...completionsAt(workspace, place, client.snippets)]));
  connection.onSignatureHelp((params) => at(params, signatureHelpAt) ?? null);
  connection.onDefinition((params) => at(params, (place) => findDefinition(workspace, place)) ?? null);
  connection.onReferences((params) =>
    at(params, (place) => [...findReferences(workspace, place, params.context.includeDeclaration)]),
  );
  connection.onDocumentHighlight((params) => at(params, (place) => [...findHighlights(place)]));
  connection.onPrepareRename((params) => at(params, (place) => refusable(() => prepareRename(place))));
  connection.onRenameRequest((params) =>
    at(params, (place) => refusable(() => rename(workspace, place, params.newName))),
  );
}

/** A document that a request is about. */
interface OpenedFile {
  readonly analysis: Analysis;
  readonly path: string;
  readonly file: FileNode;
}

/** Handles requests about a whole document or a range of it. */
function answerAboutDocuments(connection: Connection, workspace: Workspace, pages: string | undefined): void {
  const about = <T>({ uri }: { readonly uri: string }, answer: (opened: OpenedFile) => T): T | null => {
    const path = pathOf(uri);
    const analysis = workspace.analysis(path);
    const file = analysis?.fileOf(path);
    return analysis === undefined || file === undefined ? null : answer({ analysis, path, file });
  };
  connection.onDocumentSymbol(({ textDocument }) => about(textDocument, ({ file }) => outlineOf(file)));
  connection.onFoldingRanges(({ textDocument }) => about(textDocument, ({ file }) => foldingOf(file)));
  connection.onSelectionRanges(({ textDocument, positions }) =>
    about(textDocument, ({ file }) => selectionRanges(file, positions)),
  );
  connection.onDocumentLinks(({ textDocument }) => about(textDocument, ({ file }) => linksOf(workspace, file)));
  connection.onDocumentFormatting(({ textDocument }) => about(textDocument, ({ file }) => formatText(file.source)));
  connection.onDocumentRangeFormatting(({ textDocument, range }) =>
    about(textDocument, ({ file }) => formatRange(file, range)),
  );
  connection.onCodeAction(({ textDocument, range }) =>
    about(textDocument, ({ analysis, path }) => [...quickFixes(analysis.diagnostics, path, range, pages)]),
  );
  connection.onCodeLens(({ textDocument }) => about(textDocument, ({ analysis }) => codeLenses(analysis)));
  connection.languages.semanticTokens.on(
    ({ textDocument }) => about(textDocument, ({ analysis, path }) => semanticTokens(analysis, path)) ?? { data: [] },
  );
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    about(textDocument, ({ analysis, path, file }) =>
      inlayHints(analysesOf(workspace, { analysis, path }), file, range),
    ),
  );
  connection.onRequest(diagramRequest, (params: DiagramParams) =>
    about(params, ({ analysis }) => diagramOf(analysis, params)),
  );
  connection.onExecuteCommand(({ command, arguments: given }) => {
    const [named] = (given ?? []) as (NamedModel & NamedStudy)[];
    return named === undefined ? null : about(named, ({ analysis }) => execute(analysis, command, named) ?? null);
  });
}

function execute(analysis: Analysis, command: string, { model, study }: NamedModel & NamedStudy): string | undefined {
  switch (command) {
    case serverCommands.report:
      return reportText(analysis, model);
    case serverCommands.ablations:
      return ablationsText(analysis, model);
    case serverCommands.study:
      return studyText(analysis, study);
    default:
      return undefined;
  }
}

/** Handles requests for the diagnostics of a document; one that is outdated is to be sent again. */
function answerDiagnostics(connection: Connection, workspace: Workspace, pull: Pull): void {
  connection.languages.diagnostics.on(async ({ textDocument, previousResultId }, cancellation) => {
    const { revision } = workspace;
    const isOver = (): boolean => cancellation.isCancellationRequested || workspace.revision !== revision;
    const report = await pull.report(pathOf(textDocument.uri), previousResultId, isOver);
    if (report !== undefined) return report;
    const data: DiagnosticServerCancellationData = { retriggerRequest: true };
    throw new ResponseError(LSPErrorCodes.ServerCancelled, 'The text has changed.', data);
  });
}

/** Reports a refusal to the user as the response to the request. */
function refusable<T>(answer: () => T): T | ResponseError {
  try {
    return answer();
  } catch (error) {
    if (error instanceof RenameRefused) return new ResponseError(LSPErrorCodes.RequestFailed, error.message);
    throw error;
  }
}
