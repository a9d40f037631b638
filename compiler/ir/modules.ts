/** The modules of a network and the operations in them, as a tree. */
import type { ModuleBlock, Network, Op } from './ir.js';

/** A module with everything in it. */
export interface ModulePart {
  readonly kind: 'module';
  readonly id: string;
  /** Its id within the module around it: `main`. Empty for the model. */
  readonly name: string;
  readonly block: ModuleBlock | undefined;
  /** In the order of their first operations. */
  readonly parts: readonly Part[];
}

/** An operation that is directly part of a module. */
export interface OpPart {
  readonly kind: 'op';
  readonly id: string;
  /** Its id within the module: `norm2`. */
  readonly name: string;
  readonly op: Op;
}

export type Part = ModulePart | OpPart;

/** Returns the model's module with those of the network's operations that are given. */
export function moduleTree(network: Pick<Network, 'modules'>, ops: readonly Op[]): ModulePart {
  const modules = new Map(network.modules.map((module) => [module.id, module]));
  const rootParts: Part[] = [];
  const placed = new Map([['', rootParts]]);
  const partsOf = (id: string): Part[] => {
    const known = placed.get(id);
    if (known !== undefined) return known;
    const { parent = '', block } = modules.get(id) ?? {};
    const parts: Part[] = [];
    placed.set(id, parts);
    partsOf(parent).push({ kind: 'module', id, name: nameIn(parent, id), block, parts });
    return parts;
  };
  for (const op of ops) partsOf(op.module).push({ kind: 'op', id: op.id, name: nameIn(op.module, op.id), op });
  return { kind: 'module', id: '', name: '', block: undefined, parts: rootParts };
}

function nameIn(module: string, id: string): string {
  return module === '' ? id : id.slice(module.length + 1);
}

/** Returns every operation of a part. */
export function opsOf(part: Part): readonly Op[] {
  return part.kind === 'op' ? [part.op] : part.parts.flatMap(opsOf);
}

/** Returns the module inside `module` that contains all of it: `module` itself, unless its only part is a module. */
export function innermost(module: ModulePart): ModulePart {
  const [only, ...more] = module.parts;
  return only?.kind === 'module' && more.length === 0 ? innermost(only) : module;
}
