/**
 * As much of VS Code as the extension and its client touch: documents, folders, settings, and a record of what they
 * register and show. Whatever else is asked of it stands for itself.
 */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A function, a class, an object and an event, all of whose members are such again. */
const anything: object = new Proxy(class {}, {
  get: (target, key) => {
    if (key === 'prototype') return target.prototype;
    return key === 'then' || typeof key === 'symbol' ? undefined : anything;
  },
  apply: () => anything,
});

/** An object whose further members are `anything`. */
function open<T extends object>(known: T): T {
  return new Proxy(known, {
    get: (target, key) => (Reflect.has(target, key) ? Reflect.get(target, key) : anything) as unknown,
  });
}

class Uri {
  private constructor(private readonly url: URL) {}
  static parse(text: string): Uri {
    return new Uri(new URL(text));
  }
  static file(path: string): Uri {
    return new Uri(pathToFileURL(path));
  }
  static joinPath(uri: Uri, ...parts: string[]): Uri {
    return new Uri(new URL(`${uri.toString()}/${parts.map(encodeURI).join('/')}`));
  }
  static from({ scheme, path }: { scheme: string; path: string }): Uri {
    return new Uri(new URL(`${scheme}:${encodeURI(path)}`));
  }
  get scheme(): string {
    return this.url.protocol.slice(0, -1);
  }
  get fsPath(): string {
    return this.scheme === 'file' ? fileURLToPath(this.url) : this.url.pathname;
  }
  get path(): string {
    return decodeURI(this.url.pathname);
  }
  toString(): string {
    return this.url.href;
  }
}

class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(a: Position | number, b: Position | number, c = 0, d = 0) {
    this.start = typeof a === 'number' ? new Position(a, b as number) : a;
    this.end = typeof b === 'number' ? new Position(c, d) : b;
  }
}

class MarkdownString {
  constructor(public value = '') {}
}

class Hover {
  constructor(
    readonly contents: unknown,
    readonly range?: Range,
  ) {}
}

class Diagnostic {
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}

class CancellationTokenSource {
  readonly token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
  cancel(): void {
    this.token.isCancellationRequested = true;
  }
  dispose(): void {
    this.cancel();
  }
}

class Emitter {
  private readonly listeners = new EventEmitter();
  readonly event = (listener: (value: unknown) => void): object => {
    this.listeners.on('fired', listener);
    return { dispose: () => this.listeners.off('fired', listener) };
  };
  fire(value: unknown): void {
    this.listeners.emit('fired', value);
  }
  dispose(): void {
    this.listeners.removeAllListeners();
  }
}

/** A document as the client hands it to the server. */
function documentOf(path: string) {
  const text = readFileSync(path, 'utf8');
  return { uri: Uri.file(path), languageId: 'unet', version: 1, isClosed: false, getText: () => text };
}

/** Whoever asks for hovers: the client, for the server. */
export interface HoverProvider {
  provideHover(document: object, position: Position, token: object): Promise<{ contents: unknown } | undefined>;
}

class Disposable {
  constructor(readonly dispose: () => void) {}
  static from(...all: Disposable[]): Disposable {
    return new Disposable(() => all.forEach((each) => each.dispose()));
  }
}

class TabInputText {
  constructor(readonly uri: Uri) {}
}

/** A web view: its page, the messages sent to it, and a way to send some from it. */
export class Panel {
  title = '';
  visible = true;
  readonly sent: unknown[] = [];
  private readonly received = new Emitter();
  private readonly disposed = new Emitter();
  readonly onDidDispose = this.disposed.event;
  readonly webview = {
    html: '',
    cspSource: 'vscode-resource:',
    asWebviewUri: (uri: Uri) => uri,
    onDidReceiveMessage: this.received.event,
    postMessage: (message: unknown) => Promise.resolve(this.sent.push(message) > 0),
  };
  constructor(readonly options: object) {}
  receive(message: unknown): void {
    this.received.fire(message);
  }
  reveal(): void {
    this.visible = true;
  }
  dispose(): void {
    this.disposed.fire(undefined);
  }
}

/** An editor with one folder and one open file. */
export function editorStub(folder: string, file: string) {
  const document = documentOf(file);
  const commands = new Map<string, (...given: unknown[]) => unknown>();
  const executed: unknown[][] = [];
  const shown: string[] = [];
  const diagnostics = new Map<string, readonly Diagnostic[]>();
  const hovers: HoverProvider[] = [];
  const panels: Panel[] = [];
  const edited = new Emitter();
  const contents: { provideTextDocumentContent(uri: Uri): string }[] = [];
  const settings: Readonly<Record<string, unknown>> = { 'diagnostics.delay': 0, command: [] };
  const show = (text: string): Promise<undefined> => {
    shown.push(text);
    return Promise.resolve(undefined);
  };
  const api = open({
    Uri,
    Position,
    Range,
    MarkdownString,
    Hover,
    Diagnostic,
    CancellationTokenSource,
    Disposable,
    TabInputText,
    EventEmitter: Emitter,
    version: '1.91.0',
    env: open({ appName: 'stub', language: 'en' }),
    workspace: open({
      name: 'stub',
      textDocuments: [document],
      notebookDocuments: [],
      workspaceFolders: [{ uri: Uri.file(folder), name: 'folder', index: 0 }],
      getWorkspaceFolder: () => ({ uri: Uri.file(folder), name: 'folder', index: 0 }),
      getConfiguration: () => ({ get: (key: string, otherwise?: unknown) => settings[key] ?? otherwise }),
      onDidChangeTextDocument: edited.event,
      saveAll: () => Promise.resolve(true),
      registerTextDocumentContentProvider: (_: string, provider: (typeof contents)[number]) => {
        contents.push(provider);
        return { dispose: () => undefined };
      },
    }),
    window: open({
      activeTextEditor: open({ document, selection: { active: new Position(0, 0) } }),
      createWebviewPanel: (_: string, __: string, ___: object, options: object) => {
        const panel = new Panel(options);
        panels.push(panel);
        return panel;
      },
      visibleTextEditors: [],
      tabGroups: open({ all: [{ tabs: [{ input: new TabInputText(document.uri) }] }] }),
      showErrorMessage: show,
      showWarningMessage: show,
      showInformationMessage: show,
      createOutputChannel: () => open({ error: (...all: unknown[]) => shown.push(all.map(String).join(' ')) }),
    }),
    languages: open({
      match: () => 10,
      createDiagnosticCollection: () =>
        open({
          set: (uri: Uri, found: readonly Diagnostic[]) => diagnostics.set(uri.toString(), found),
          delete: () => undefined,
          clear: () => undefined,
          dispose: () => undefined,
        }),
      registerHoverProvider: (_: object, provider: HoverProvider) => {
        hovers.push(provider);
        return { dispose: () => undefined };
      },
    }),
    commands: open({
      registerCommand: (name: string, run: (...given: unknown[]) => unknown) => {
        commands.set(name, run);
        return { dispose: () => commands.delete(name) };
      },
      executeCommand: (...given: unknown[]) => {
        executed.push(given);
        return Promise.resolve();
      },
    }),
  });
  const { token } = new CancellationTokenSource();
  return { api, document, commands, executed, shown, diagnostics, hovers, contents, panels, edited, Position, token };
}
