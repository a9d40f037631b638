import type { DocumentSymbol, WorkspaceSymbol } from 'vscode-languageserver';
import { SymbolKind } from 'vscode-languageserver';
import { relativePath, uriOf } from '../text/paths.js';
import type { Workspace } from '../workspace.js';
import { outlineOf } from './outline.js';

/** Maximum number of symbols in an answer. */
const mostSymbols = 500;

/**
 * The statements of all specs, and the knobs of models, whose names contain the letters of a query in order; those of
 * the opened folders first, then those of the installed library.
 */
export function workspaceSymbols(workspace: Workspace, query: string): WorkspaceSymbol[] {
  const library = new Map(workspace.libraryUses().map((use) => [workspace.resolve('', use), use]));
  const found: WorkspaceSymbol[] = [];
  for (const path of new Set([...workspace.paths(), ...library.keys()])) {
    const file = workspace.analysis(path)?.fileOf(path);
    if (file === undefined) continue;
    const folder = workspace.folders.find((each) => path.startsWith(each));
    const shownPath = folder === undefined ? (library.get(path) ?? path) : relativePath(`${folder}/`, path);
    for (const statement of outlineOf(file)) {
      const knobs = (statement.children ?? []).filter(({ kind }) => kind === SymbolKind.Property);
      const symbols = [
        symbolOf(path, statement, shownPath),
        ...(statement.kind === SymbolKind.Class ? knobs : []).map((knob) => symbolOf(path, knob, statement.name)),
      ];
      found.push(...symbols.filter(({ name }) => contains(name, query)));
    }
    if (found.length >= mostSymbols) break;
  }
  return found.slice(0, mostSymbols);
}

function symbolOf(path: string, { name, kind, selectionRange }: DocumentSymbol, container: string): WorkspaceSymbol {
  return { name, kind, containerName: container, location: { uri: uriOf(path), range: selectionRange } };
}

/** Whether a name contains the letters of a query in order, regardless of case. */
function contains(name: string, query: string): boolean {
  let at = 0;
  const lower = name.toLowerCase();
  for (const letter of query.toLowerCase().replace(/\s/g, '')) {
    at = lower.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
