import type { DocumentHighlight, Location } from 'vscode-languageserver';
import { DocumentHighlightKind } from 'vscode-languageserver';
import type { Reference } from '../../compiler/bind/references.js';
import { mayBeHeld, referenceAt, type Place } from '../place.js';
import { uriOf } from '../text/paths.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';

/** Every mention, in all files of the workspace, of the name at a place. */
export function findUses(workspace: Workspace, place: Place): readonly Reference[] {
  const reference = referenceAt(place);
  if (reference === undefined) return [];
  const { declaration } = reference;
  const home = declaration.span.source.path;
  const found = new Map<string, Reference>();
  for (const analysis of [place.analysis, ...workspace.dependents(home)]) {
    for (const path of new Set([analysis.root, home])) {
      for (const each of analysis.referencesIn(path, mayBeHeld(reference))) {
        if (each.declaration === declaration) found.set(`${path} ${each.at.span.start}`, each);
      }
    }
  }
  return [...found.values()].sort((a, b) => {
    const [left, right] = [a.at.span, b.at.span];
    return left.source.path < right.source.path ? -1 : left.source === right.source ? left.start - right.start : 1;
  });
}

export function findReferences(workspace: Workspace, place: Place, withDeclaration: boolean): readonly Location[] {
  return findUses(workspace, place)
    .filter(({ declares }) => withDeclaration || !declares)
    .map(({ at: { span } }) => ({ uri: uriOf(span.source.path), range: toRange(span) }));
}

/** The same in one file, for highlighting. */
export function findHighlights(place: Place): readonly DocumentHighlight[] {
  const reference = referenceAt(place);
  if (reference === undefined) return [];
  return place.analysis
    .referencesIn(place.path, mayBeHeld(reference))
    .filter(({ declaration }) => declaration === reference.declaration)
    .map(({ at, declares }) => ({
      range: toRange(at.span),
      kind: declares ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }));
}
