import { serveStdio } from '../../editor/server.js';
import { wholePathHost } from '../disk-host.js';
import { packageRoot, packageVersion } from '../package-root.js';

/** `unet lsp --stdio`: serves an editor until it requests the server to exit. */
export function lsp(): Promise<never> {
  const pages = new URL('docs/diagnostics', packageRoot).href;
  serveStdio({ disk: wholePathHost, version: packageVersion(), pages });
  return new Promise(() => undefined);
}
