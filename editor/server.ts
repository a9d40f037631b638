import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  ResponseError,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  type ServerCapabilities,
  type TextDocumentPositionParams,
} from 'vscode-languageserver';
import { createConnection, StreamMessageWriter, TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Host } from '../compiler/program/host.js';
import type { Analysis } from './analysis.js';
import { serverCommands, type NamedModel, type NamedStudy } from './command-names.js';
import { completionsAt } from './completion/completion.js';
import { codeLenses } from './features/code-lens.js';
import { ablationsText, reportText } from './features/commands.js';
import { findDefinition } from './features/definition.js';
import { foldingOf } from './features/folding.js';
import { formatText } from './features/formatting.js';
import { hoverAt } from './features/hover.js';
import { inlayHints } from './features/inlay-hints.js';
import { outlineOf } from './features/outline.js';
import { quickFixes } from './features/quick-fixes.js';
import { findHighlights, findReferences } from './features/references.js';
import { analysesOf } from './features/occurrences.js';
import { prepareRename, rename, RenameRefused } from './features/rename.js';
import { studyText } from './features/studies.js';
import { lifecycle } from './lifecycle.js';
import type { Place } from './place.js';
import { Publisher } from './publisher.js';
import { pathOf } from './text/paths.js';
import { toOffset } from './text/positions.js';
import { Workspace } from './workspace.js';

/** Options of a server. */
export interface ServerOptions {
  /** The local files, with absolute paths. */
  readonly disk: Host;
  readonly version: string;
  /** URI of the folder with the pages of diagnostics. */
  readonly pages?: string;
}

/** Options that a client may send in `initializationOptions`. */
interface ClientOptions {
  /** Milliseconds after the last change before a check begins. */
  readonly diagnosticsDelay?: number;
}

const usualDelay = 150;

/** Serves the language server protocol on standard input and output until the client sends `exit`. */
export function serveStdio(options: ServerOptions): void {
  const messageStrategy = lifecycle(new StreamMessageWriter(process.stdout));
  serve(createConnection(process.stdin, process.stdout, { messageStrategy }), options);
}

const capabilities: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['.', '(', '[', '"', '`', '/', ':'] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  inlayHintProvider: true,
  codeLensProvider: {},
  executeCommandProvider: { commands: Object.values(serverCommands) },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

function serve(connection: Connection, options: ServerOptions): void {
  const workspace = new Workspace(options.disk);
  const documents = new TextDocuments(TextDocument);
  const publisher = new Publisher(
    workspace,
    (uri, version, diagnostics) => {
      const known = version === undefined ? {} : { version };
      void connection.sendDiagnostics({ uri, ...known, diagnostics: [...diagnostics] });
    },
    options.pages,
    usualDelay,
  );
  connection.onInitialize((params): InitializeResult => {
    workspace.folders = foldersOf(params);
    const { diagnosticsDelay } = (params.initializationOptions ?? {}) as ClientOptions;
    if (typeof diagnosticsDelay === 'number' && diagnosticsDelay >= 0) publisher.delay = diagnosticsDelay;
    registerListeners(connection, workspace, params);
    return { capabilities, serverInfo: { name: 'unet', version: options.version } };
  });
  connection.onDidChangeWatchedFiles(() => {
    workspace.refresh();
    publisher.schedule();
  });
  connection.onShutdown(() => publisher.stop());
  documents.onDidChangeContent(({ document }) => {
    workspace.open(pathOf(document.uri), document.uri, document.version, document.getText());
    publisher.schedule();
  });
  documents.onDidSave(() => {
    workspace.refresh();
    publisher.schedule();
  });
  documents.onDidClose(({ document }) => {
    workspace.close(pathOf(document.uri));
    publisher.close(pathOf(document.uri));
  });
  answerAbout(connection, workspace, options.pages);
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

/** Handles every request about a document. Requests about unknown documents return nothing. */
function answerAbout(connection: Connection, workspace: Workspace, pages: string | undefined): void {
  const analysisOf = (uri: string): Analysis | undefined => workspace.analysis(pathOf(uri));
  const at = <T>({ textDocument, position }: TextDocumentPositionParams, answer: (place: Place) => T): T | null => {
    const path = pathOf(textDocument.uri);
    const analysis = workspace.analysis(path);
    const file = analysis?.fileOf(path);
    if (analysis === undefined || file === undefined) return null;
    return answer({ analysis, path, file, offset: toOffset(file.source, position) });
  };
  connection.onHover((params) => at(params, (place) => hoverAt(workspace, place)) ?? null);
  connection.onCompletion((params) => at(params, (place) => [...completionsAt(workspace, place)]));
  connection.onDefinition((params) => at(params, (place) => findDefinition(workspace, place)) ?? null);
  connection.onReferences((params) =>
    at(params, (place) => [...findReferences(workspace, place, params.context.includeDeclaration)]),
  );
  connection.onDocumentHighlight((params) => at(params, (place) => [...findHighlights(place)]));
  connection.onPrepareRename((params) => at(params, (place) => refusable(() => prepareRename(place))));
  connection.onRenameRequest((params) =>
    at(params, (place) => refusable(() => rename(workspace, place, params.newName))),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }) => {
    const file = analysisOf(uri)?.fileOf(pathOf(uri));
    return file === undefined ? null : outlineOf(file);
  });
  connection.onFoldingRanges(({ textDocument: { uri } }) => {
    const file = analysisOf(uri)?.fileOf(pathOf(uri));
    return file === undefined ? null : foldingOf(file);
  });
  connection.onDocumentFormatting(({ textDocument: { uri } }) => {
    const file = analysisOf(uri)?.fileOf(pathOf(uri));
    return file === undefined ? null : formatText(file.source);
  });
  connection.onCodeAction(({ textDocument: { uri }, range }) => {
    const diagnostics = analysisOf(uri)?.diagnostics;
    return diagnostics === undefined ? null : [...quickFixes(diagnostics, pathOf(uri), range, pages)];
  });
  connection.onCodeLens(({ textDocument: { uri } }) => {
    const analysis = analysisOf(uri);
    return analysis === undefined ? null : codeLenses(analysis);
  });
  connection.languages.inlayHint.on(({ textDocument: { uri }, range }) => {
    const path = pathOf(uri);
    const analysis = workspace.analysis(path);
    const file = analysis?.fileOf(path);
    if (analysis === undefined || file === undefined) return null;
    return inlayHints(analysesOf(workspace, { analysis, path }), file, range);
  });
  connection.onExecuteCommand(({ command, arguments: given }) => {
    const [named] = (given ?? []) as (NamedModel & NamedStudy)[];
    const analysis = named === undefined ? undefined : analysisOf(named.uri);
    if (named === undefined || analysis === undefined) return null;
    if (command === serverCommands.report) return reportText(analysis, named.model) ?? null;
    if (command === serverCommands.study) return studyText(analysis, named.study) ?? null;
    return command === serverCommands.ablations ? (ablationsText(analysis, named.model) ?? null) : null;
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
