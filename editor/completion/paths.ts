import { dirname, relative, sep } from 'node:path';
import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver';
import type { Place } from '../place.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';

/** The specs that a `use` can refer to: those of the workspace relative to the file, and the installed library. */
export function completePath(workspace: Workspace, place: Place, written: string): readonly CompletionItem[] {
  const start = place.offset - written.length;
  const range = toRange({ source: place.file.source, start, end: place.offset });
  const folder = dirname(place.path);
  const own = workspace
    .paths()
    .filter((path) => path !== place.path)
    .map((path) => relative(folder, path).split(sep).join('/'));
  const library = workspace.libraryPaths().map((path) => `unet:${path}`);
  return [...own, ...library].map((path) => ({
    label: path,
    kind: CompletionItemKind.File,
    filterText: path,
    textEdit: { range, newText: path },
  }));
}
