/**
 * The module hierarchy of a network, derived from ids: `encoder.level2.main.norm` lies in `encoder.level2.main`, and so
 * on.
 */
import type { Op } from './ir.js';

/** One part of an id, with everything below it. */
export interface ModuleNode {
  /** The last part of the id: `norm2`. */
  readonly name: string;
  /** The whole id: `encoder.level2.main.norm2`. */
  readonly id: string;
  /** The operation with exactly this id, if there is one. */
  readonly op: Op | undefined;
  /** In the order of their first operations. */
  readonly children: readonly ModuleNode[];
}

interface OpenNode extends ModuleNode {
  op: Op | undefined;
  readonly children: OpenNode[];
  readonly byName: Map<string, OpenNode>;
}

/** The tree of all `ops`; its root has an empty id. */
export function moduleTree(ops: readonly Op[]): ModuleNode {
  const root = openNode('', '');
  for (const op of ops) {
    let node = root;
    for (const name of op.id.split('.')) node = childOf(node, name);
    node.op = op;
  }
  return root;
}

function openNode(name: string, id: string): OpenNode {
  return { name, id, op: undefined, children: [], byName: new Map() };
}

function childOf(node: OpenNode, name: string): OpenNode {
  const known = node.byName.get(name);
  if (known !== undefined) return known;
  const made = openNode(name, node.id === '' ? name : `${node.id}.${name}`);
  node.byName.set(name, made);
  node.children.push(made);
  return made;
}

/** Every operation of a module: its own, then those of its children. */
export function opsOf(node: ModuleNode): readonly Op[] {
  const found: Op[] = [];
  const open: ModuleNode[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.op !== undefined) found.push(next.op);
    open.push(...[...next.children].reverse());
  }
  return found;
}
