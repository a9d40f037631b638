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
export function referenceAt({ analysis, path, offset }: Place): Reference | undefined {
  const holding = analysis.referencesIn(path).filter(({ at }) => at.span.start <= offset && offset <= at.span.end);
  return holding.at(-1);
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
