import {
  findReferencesKeymap,
  formatKeymap,
  hoverTooltips,
  jumpToDefinitionKeymap,
  LSPClient,
  renameKeymap,
  serverCompletion,
  signatureHelp,
  type Transport,
} from '@codemirror/lsp-client';
import { keymap } from '@codemirror/view';
import { sanitize } from './markdown.js';

function transportOf(worker: Worker): Transport {
  const handlers = new Set<(value: string) => void>();
  worker.addEventListener('message', ({ data }) => {
    for (const handler of handlers) handler(JSON.stringify(data));
  });
  return {
    send: (message) => worker.postMessage(JSON.parse(message)),
    subscribe: (handler) => void handlers.add(handler),
    unsubscribe: (handler) => void handlers.delete(handler),
  };
}

/**
 * Starts the language server in a worker.
 * @param failed called if the worker cannot be started or stops
 */
export function startServer(failed: () => void): LSPClient {
  const worker = new Worker(new URL('./worker.js', document.baseURI), { type: 'module' });
  worker.addEventListener('error', failed);
  const client = new LSPClient({
    // A long text may take longer to check than the default of three seconds.
    timeout: 120_000,
    sanitizeHTML: sanitize,
    initializationOptions: { diagnosticsDelay: 0 },
    extensions: [
      {
        clientCapabilities: {
          textDocument: { diagnostic: {}, inlayHint: {}, codeAction: { dataSupport: true } },
        },
      },
      serverCompletion(),
      hoverTooltips(),
      signatureHelp(),
      keymap.of([...formatKeymap, ...renameKeymap, ...jumpToDefinitionKeymap, ...findReferencesKeymap]),
    ],
  });
  return client.connect(transportOf(worker));
}
