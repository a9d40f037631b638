import type { Symbol } from './symbol.js';

/** Names visible at a place: those of the innermost scope, then those of the enclosing ones. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly names: Map<string, Symbol>;
}

export function createScope(parent?: Scope): Scope {
  return { parent, names: new Map() };
}

export function lookUp(scope: Scope, name: string): Symbol | undefined {
  for (let each: Scope | undefined = scope; each !== undefined; each = each.parent) {
    const found = each.names.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every name visible from `scope`, for suggestions. */
export function visibleNames(scope: Scope): readonly string[] {
  const found = new Set<string>();
  for (let each: Scope | undefined = scope; each !== undefined; each = each.parent) {
    for (const name of each.names.keys()) found.add(name);
  }
  return [...found];
}
