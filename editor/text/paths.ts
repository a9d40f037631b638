import { URI } from 'vscode-uri';

/** The path of a document; one without a file (`untitled:...`) is identified by its URI. */
export function pathOf(uri: string): string {
  return uri.startsWith('file:') ? URI.parse(uri).fsPath : uri;
}

/** The URI of a path. */
export function uriOf(path: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path) ? path : URI.file(path).toString();
}

/** A path as the `use` of a file writes it: relative to the folder of that file, with slashes. */
export function relativePath(from: string, to: string): string {
  const folder = from.split(/[\\/]/).slice(0, -1);
  const target = to.split(/[\\/]/);
  const common = target.findIndex((name, index) => name !== folder[index]);
  return [...folder.slice(common).map(() => '..'), ...target.slice(common)].join('/');
}
