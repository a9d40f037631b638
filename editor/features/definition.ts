import type { Location } from 'vscode-languageserver';
import { nameOf } from '../../compiler/bind/references.js';
import { identifierInputs } from '../identifiers.js';
import { nodesAround, referenceAt, type Place } from '../place.js';
import { uriOf } from '../text/paths.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';
import { identified } from './protocols.js';

/**
 * The declaration of the name at a place; for the path of a `use`, the file; in `identify`, the inputs with that name.
 */
export function findDefinition(workspace: Workspace, place: Place): Location | Location[] | undefined {
  const used = usedFile(place);
  if (used !== undefined) {
    const path = workspace.resolve(place.path, used);
    const start = { line: 0, character: 0 };
    return workspace.has(path) ? { uri: uriOf(path), range: { start, end: start } } : undefined;
  }
  const reference = referenceAt(place);
  if (reference === undefined) return identifiedAt(workspace, place);
  const span = nameOf(reference.declaration)?.span ?? reference.declaration.span;
  return { uri: uriOf(span.source.path), range: toRange(span) };
}

/** The inputs whose source is the item of `identify` at a place. */
function identifiedAt(workspace: Workspace, place: Place): Location[] | undefined {
  const name = identified(nodesAround(place))?.name;
  if (name === undefined) return undefined;
  const found = identifierInputs(workspace, place, name).map((input) => input.name.span);
  return found.length === 0 ? undefined : found.map((span) => ({ uri: uriOf(span.source.path), range: toRange(span) }));
}

/** The path in the `use` at a place. */
function usedFile(place: Place): string | undefined {
  const use = nodesAround(place).find((node) => node.kind === 'Use');
  return use?.path.kind === 'String' ? use.path.value : undefined;
}
