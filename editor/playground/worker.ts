/**
 * The language server of the playground, in a worker of the browser: the same server as that of editors, over the specs
 * that the package ships, and one more request for what the tabs show.
 */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { serve } from '../serve.js';
import { specs, version } from './page/specs.js';
import { ShippedFiles } from './shipped-files.js';
import { viewOf, viewRequest, type ViewParams } from './views.js';

/** The scope of a worker; the types of the browser would replace those of Node. */
declare const self: never;

const files = new ShippedFiles(specs);
const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
serve(connection, {
  files,
  version,
  extend: (workspace) => {
    connection.onRequest(viewRequest, (params: ViewParams) => viewOf(workspace, params));
    // The zoo comes after the page has begun to work; few specs use it.
    void import('./page/zoo.js').then(({ specs: zoo }) => {
      files.add(zoo);
      workspace.refresh();
    });
  },
});
