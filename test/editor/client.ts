/** A real client: starts `unet lsp --stdio` and speaks JSON-RPC with it, as an editor does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type SemanticTokensLegend,
} from 'vscode-languageserver/node';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const main = path.join(root, 'dist/cli/main.js');

export interface ClientOptions {
  readonly folders?: readonly string[];
  /** Milliseconds without typing after which the server checks. */
  readonly delay?: number;
  /** Capabilities of the client beyond those of a plain one. */
  readonly capabilities?: ClientCapabilities;
  readonly nodeArguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server under way and the documents it was told of. */
export class Client {
  private readonly versions = new Map<string, number>();
  private readonly published = new Map<string, PublishDiagnosticsParams>();
  private readonly listeners = new Set<() => void>();
  stderr = '';
  /** What the numbers of semantic tokens mean. */
  legend: SemanticTokensLegend | undefined;

  private constructor(
    readonly child: ChildProcess,
    readonly connection: ProtocolConnection,
  ) {}

  static async start(options: ClientOptions = {}): Promise<Client> {
    const child = spawn(process.execPath, [...(options.nodeArguments ?? []), main, 'lsp', '--stdio'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
    });
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
      undefined,
    );
    const client = new Client(child, connection);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (client.stderr += text));
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      client.take(params);
    });
    connection.onRequest('client/registerCapability', () => null);
    connection.listen();
    const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: { workspace: { workspaceFolders: true }, ...options.capabilities },
      workspaceFolders: (options.folders ?? []).map(folder),
      initializationOptions: { diagnosticsDelay: options.delay ?? 0 },
    });
    client.legend = capabilities.semanticTokensProvider?.legend;
    await connection.sendNotification('initialized', {});
    return client;
  }

  /** Notes what the server has published. */
  take(params: PublishDiagnosticsParams): void {
    this.published.set(params.uri, params);
    for (const listener of this.listeners) listener();
  }

  /** Ends the server as an editor does and gives its exit code. */
  async stop(): Promise<number | null> {
    const closed = once(this.child, 'close');
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const [code] = (await closed) as [number | null];
    this.connection.dispose();
    return code;
  }

  request<T>(method: string, params: object): Promise<T> {
    return this.connection.sendRequest<T>(method, params);
  }

  async changeFolders(added: readonly string[], removed: readonly string[]): Promise<void> {
    const event = { added: added.map(folder), removed: removed.map(folder) };
    await this.connection.sendNotification('workspace/didChangeWorkspaceFolders', { event });
  }

  async open(uri: string, text: string): Promise<void> {
    this.versions.set(uri, 1);
    const textDocument = { uri, languageId: 'unet', version: 1, text };
    await this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  /** Sends edits as an editor does; gives the version they make. */
  async change(uri: string, contentChanges: readonly object[]): Promise<number> {
    const version = (this.versions.get(uri) ?? 0) + 1;
    this.versions.set(uri, version);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
    return version;
  }

  async close(uri: string): Promise<void> {
    this.published.delete(uri);
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** The diagnostics of a document once `wanted` says that they are those waited for; by default, those of its last text. */
  async diagnostics(
    uri: string,
    wanted: (params: PublishDiagnosticsParams) => boolean = ({ version }) => version === this.versions.get(uri),
  ): Promise<readonly Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.published.get(uri);
        if (found === undefined || !wanted(found)) return;
        this.listeners.delete(look);
        this.child.off('exit', ended);
        resolve(found.diagnostics);
      };
      const ended = (): void => reject(new Error(`the server ended: ${this.stderr}`));
      this.listeners.add(look);
      this.child.once('exit', ended);
      look();
    });
  }
}

function folder(path: string): { uri: string; name: string } {
  return { uri: pathToFileURL(path).href, name: path };
}
