import type { FileNode, NameNode, Node } from '../grammar/ast.js';
import { createScope, lookUp } from '../compiler/bind/scope.js';
import type { Reference } from '../compiler/bind/references.js';
import type { Symbol } from '../compiler/bind/symbol.js';
import { nodesAt, type Analysis } from './analysis.js';

/** A place in a file that is asked about. */
export interface Place {
  readonly analysis: Analysis;
  readonly path: string;
  readonly file: FileNode;
  readonly offset: number;
}

/** The name at a place, where it refers to something declared. */
export function referenceAt(place: Place): Reference | undefined {
  const { analysis, path, offset } = place;
  const holds = ({ at }: Reference): boolean => at.span.start <= offset && offset <= at.span.end;
  const found = analysis.referencesIn(path, false).findLast(holds);
  if (found !== undefined || nodesAround(place).at(-2)?.kind !== 'Element') return found;
  return analysis.referencesIn(path, true).findLast(holds);
}

/** Whether a name may be written in calls of layers that other names hold. */
export function mayBeHeld({ kind }: Reference): boolean {
  return kind === 'parameter';
}

/** The nodes around a place, outermost first. */
export function nodesAround({ file, offset }: Place): readonly Node[] {
  return nodesAt(file, offset);
}

/** What a name node means, built-in names too. */
export function symbolOf({ analysis }: Pick<Place, 'analysis'>, node: NameNode): Symbol | undefined {
  return analysis.program.symbols.get(node);
}

/** The symbol a name has where a place is, written there or not. */
export function lookUpAt({ analysis, path, offset }: Place, name: string): Symbol | undefined {
  return lookUp(analysis.scopeAt(path, offset) ?? createScope(), name);
}
