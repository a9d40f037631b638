import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  createProtocolConnection,
  ErrorCodes,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { root } from './client.js';

it('answers only between initialize and shutdown', async () => {
  const child = spawn(process.execPath, [path.join(root, 'dist/cli/main.cjs'), 'lsp', '--stdio'], { stdio: 'pipe' });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  const closed = once(child, 'close');
  const hover = (): Promise<unknown> =>
    connection.sendRequest('textDocument/hover', {
      textDocument: { uri: 'file:///a.unet' },
      position: { line: 0, character: 0 },
    });
  const initialize = (): Promise<unknown> =>
    connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });

  await expect(hover()).rejects.toMatchObject({ code: ErrorCodes.ServerNotInitialized });
  await expect(initialize()).resolves.toHaveProperty('capabilities.hoverProvider', true);
  await expect(initialize()).rejects.toMatchObject({ code: ErrorCodes.InvalidRequest });
  await expect(hover()).resolves.toBeNull();
  await expect(connection.sendRequest('shutdown')).resolves.toBeNull();
  await expect(hover()).rejects.toMatchObject({ code: ErrorCodes.InvalidRequest });
  await connection.sendNotification('exit');
  expect(await closed).toEqual([0, null]);
  connection.dispose();
});
