/** A network cut into the pieces that a diagram draws as one card each. */
import type { Network, Op } from '../../ir/ir.js';
import { moduleTree, opsOf, type ModuleNode } from '../../ir/module-tree.js';

/** Operations that are drawn together. Only the last of them is read from outside, wherever the ids allow it. */
export interface Piece {
  /** The id that all of them begin with, or where several pieces begin alike that of the last. Unique. */
  readonly id: string;
  readonly stage: string;
  readonly ops: readonly Op[];
}

/** The pieces in the order of their first operations; inputs are left out. */
export function piecesOf(network: Network): readonly Piece[] {
  const read = readFromOutside(network);
  const stages = new Map<string, Op[]>();
  for (const op of network.ops) {
    if (op.kind === 'input') continue;
    const ops = stages.get(op.stage);
    if (ops === undefined) stages.set(op.stage, [op]);
    else ops.push(op);
  }
  const pieces = [...stages].flatMap(([stage, ops]) => {
    const parts = split(moduleTree(ops), ops, read);
    return parts.map((part) => ({ id: parts.length === 1 ? stage : commonId(part), stage, ops: part }));
  });
  const isShared = ({ id }: Piece): boolean => pieces.filter((each) => each.id === id).length > 1;
  return pieces.map((piece) => (isShared(piece) ? { ...piece, id: piece.ops.at(-1)?.id ?? piece.id } : piece));
}

/** Ids of the operations that another stage reads, or that are results. */
function readFromOutside(network: Network): ReadonlySet<string> {
  const stages = new Map(network.ops.map((op) => [op.id, op.stage]));
  const results = network.outputs.flatMap(({ op, auxiliary }) => [op, ...auxiliary]);
  const reads = network.ops.flatMap((op) =>
    op.operands.filter((operand) => stages.get(operand.op) !== op.stage).map((operand) => operand.op),
  );
  return new Set([...results, ...reads]);
}

/**
 * A stage that several others read in different places (a transformer whose layers feed skips) is cut at those places.
 * What nobody reads from outside stays with what comes next.
 */
function split(node: ModuleNode, ops: readonly Op[], read: ReadonlySet<string>): readonly (readonly Op[])[] {
  const outside = ops.filter((op) => read.has(op.id));
  if (outside.length <= 1 || node.children.length === 0) return [ops];
  const parts: (readonly Op[])[] = [];
  let waiting: readonly Op[] = [];
  const own = node.op === undefined ? [] : [node.op];
  for (const child of node.children) {
    const inner = opsOf(child);
    const pieces = split(child, inner, read);
    const [first = [], ...rest] = pieces;
    const joined = [...waiting, ...first];
    waiting = [];
    for (const piece of [joined, ...rest]) {
      if (piece.some((op) => read.has(op.id))) parts.push(piece);
      else waiting = [...waiting, ...piece];
    }
  }
  const left = [...waiting, ...own];
  if (left.length > 0) parts.push([...(parts.pop() ?? []), ...left]);
  return parts;
}

function commonId(ops: readonly Op[]): string {
  const [first, ...rest] = ops.map((op) => op.id.split('.'));
  if (first === undefined) return '';
  const shared = rest.reduce((length, parts) => {
    const end = first.slice(0, length).findIndex((part, index) => parts[index] !== part);
    return end < 0 ? length : end;
  }, first.length);
  return first.slice(0, shared).join('.');
}
