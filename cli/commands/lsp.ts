import { serveStdio } from '../../editor/server.js';
import { wholePathHost } from '../disk-host.js';
import { packageRoot, packageVersion } from '../package-root.js';

/** `unet lsp --stdio`: answers an editor until it says that it is done, which ends the process. */
export function lsp(): Promise<never> {
  const pages = new URL('docs/diagnostics', packageRoot).href;
  serveStdio({ disk: wholePathHost, version: packageVersion(), pages });
  return new Promise(() => undefined);
}
