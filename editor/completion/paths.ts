import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver';
import type { Place } from '../place.js';
import { relativePath } from '../text/paths.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';

/** The specs that a `use` can refer to: those of the workspace relative to the file, and the installed library. */
export function completePath(workspace: Workspace, place: Place, written: string): readonly CompletionItem[] {
  const start = place.offset - written.length;
  const range = toRange({ source: place.file.source, start, end: place.offset });
  const own = workspace
    .paths()
    .filter((path) => path !== place.path)
    .map((path) => relativePath(place.path, path));
  return [...own, ...workspace.libraryUses()].map((path) => ({
    label: path,
    kind: CompletionItemKind.File,
    filterText: path,
    textEdit: { range, newText: path },
  }));
}
