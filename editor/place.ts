import type { FileNode, NameNode, Node } from '../grammar/ast.js';
import { createScope, lookUp } from '../compiler/bind/scope.js';
import type { Reference } from '../compiler/bind/references.js';
import type { Symbol } from '../compiler/bind/symbol.js';
import { nodesAt, type Analysis } from './analysis.js';

/** A position in a file that a request refers to. */
export interface Place {
  readonly analysis: Analysis;
  readonly path: string;
  readonly file: FileNode;
  readonly offset: number;
}

/** The name at a place, if it refers to a declaration. */
export function referenceAt(place: Place): Reference | undefined {
  const { analysis, path, offset } = place;
  const holds = ({ at }: Reference): boolean => at.span.start <= offset && offset <= at.span.end;
  const found = analysis.referencesIn(path, false).findLast(holds);
  if (found !== undefined || nodesAround(place).at(-2)?.kind !== 'Element') return found;
  return analysis.referencesIn(path, true).findLast(holds);
}

/** Whether a name may occur in calls of layers that other names hold. */
export function mayBeHeld({ kind }: Reference): boolean {
  return kind === 'parameter';
}

/** The nodes around a place, outermost first. */
export function nodesAround({ file, offset }: Place): readonly Node[] {
  return nodesAt(file, offset);
}

/** The meaning of a name node, including built-in names. */
export function symbolOf({ analysis }: Pick<Place, 'analysis'>, node: NameNode): Symbol | undefined {
  return analysis.program.symbols.get(node);
}

/** The symbol that a name has at a place, whether it is written there or not. */
export function lookUpAt({ analysis, path, offset }: Place, name: string): Symbol | undefined {
  return lookUp(analysis.scopeAt(path, offset) ?? createScope(), name);
}
