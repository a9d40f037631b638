/** Splits a network into the pieces that a diagram draws as one card each. */
import { resultsOf, type Network, type Op } from '../../ir/ir.js';
import { innermost, moduleTree, opsOf, type ModulePart } from '../../ir/modules.js';

/** Operations that are drawn together. Only the last of them is read from outside, if the modules allow it. */
export interface Piece {
  /**
   * The id of the stage or module that contains them, or if several pieces share it, that of the last operation.
   * Unique.
   */
  readonly id: string;
  readonly stage: string;
  readonly ops: readonly Op[];
}

/** Returns the pieces in the order of their first operations, without inputs. */
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
    const parts = split(moduleTree(network, ops), read);
    return parts.map((part) => {
      const id = parts.length === 1 ? stage : innermost(moduleTree(network, part)).id;
      return { id, stage, ops: part };
    });
  });
  const isShared = ({ id }: Piece): boolean => id === '' || pieces.filter((each) => each.id === id).length > 1;
  return pieces.map((piece) => (isShared(piece) ? { ...piece, id: piece.ops.at(-1)?.id ?? piece.id } : piece));
}

/** The ids of the operations that another stage reads, or that are outputs. */
function readFromOutside(network: Network): ReadonlySet<string> {
  const stages = new Map(network.ops.map((op) => [op.id, op.stage]));
  const results = resultsOf(network);
  const reads = network.ops.flatMap((op) =>
    op.operands.filter((operand) => stages.get(operand.op) !== op.stage).map((operand) => operand.op),
  );
  return new Set([...results, ...reads]);
}

/**
 * Splits a stage that others read in several places (a transformer whose layers feed skips) at those places. What is not
 * read from outside stays with what comes next.
 */
function split(module: ModulePart, read: ReadonlySet<string>): readonly (readonly Op[])[] {
  const ops = opsOf(module);
  if (ops.filter((op) => read.has(op.id)).length <= 1) return [ops];
  const pieces: (readonly Op[])[] = [];
  let waiting: readonly Op[] = [];
  for (const part of module.parts) {
    const [first = [], ...rest] = part.kind === 'op' ? [[part.op]] : split(part, read);
    for (const piece of [[...waiting, ...first], ...rest]) {
      if (piece.some((op) => read.has(op.id))) {
        pieces.push(piece);
        waiting = [];
      } else waiting = piece;
    }
  }
  if (waiting.length > 0) pieces.push([...(pieces.pop() ?? []), ...waiting]);
  return pieces;
}
