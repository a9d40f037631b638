import { createConnection, StreamMessageWriter } from 'vscode-languageserver/node';
import type { Host } from '../compiler/program/host.js';
import { specsBelow } from './disk-specs.js';
import { lifecycle } from './lifecycle.js';
import { serve, type ServerOptions } from './serve.js';

/** Options of a server for local files. */
export interface StdioOptions extends Omit<ServerOptions, 'files'> {
  /** The local files, with absolute paths. */
  readonly disk: Host;
}

/** Serves the language server protocol on standard input and output until the client sends `exit`. */
export function serveStdio({ disk, ...options }: StdioOptions): void {
  const messageStrategy = lifecycle(new StreamMessageWriter(process.stdout));
  const connection = createConnection(process.stdin, process.stdout, { messageStrategy });
  serve(connection, { ...options, files: { ...disk, specsBelow } });
}
