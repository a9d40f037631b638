/**
 * Which tensors a training step must keep between its forward and its backward pass; the definition of each kind says
 * what its gradient is computed from (`keeps`, `mask`). An operation needs nothing if no gradient goes through it, which
 * is so if nothing that it depends on is trainable.
 *
 * A tensor that several operations need is counted once, where it is computed; the logits count, because the loss needs
 * them; params do not, they are weights. Engines may keep more (tfjs keeps the operand of a relu too) or less (by
 * recomputing).
 */
import { resultsOf, type Network, type Op, type OpBase, type OpKind } from './ir.js';
import { definitionOf } from './ops/operations.js';

/** The output (1 or 0) and masks kept for one operation, in units of the output's size and of its channels. */
export interface Kept {
  readonly tensors: number;
  readonly channelMasks: number;
}

/** Returns the kept tensors by operation id; operations that keep nothing are omitted. */
export function keptForTraining(network: Network): ReadonlyMap<string, Kept> {
  const trained = trainedOps(network);
  const logits = resultsOf(network);
  const needed = new Set([...logits, ...network.ops.flatMap((op) => gradientNeeds(op, trained))]);
  const kept = new Map<string, Kept>();
  for (const op of network.ops) {
    const output = needed.has(op.id) && op.kind !== 'param' ? 1 : 0;
    const { mask } = definitionOf(op.kind);
    const isMasked = mask !== 'none' && op.operands.some((operand) => trained.has(operand.op));
    const tensors = output + (isMasked && mask === 'elements' ? 1 : 0);
    const channelMasks = isMasked && mask === 'channels' ? 1 : 0;
    if (tensors + channelMasks > 0) kept.set(op.id, { tensors, channelMasks });
  }
  return kept;
}

/** Ids of the operations whose outputs depend on something trainable. */
export function trainedOps(network: Network): ReadonlySet<string> {
  const trained = new Set<string>();
  const byId = new Map(network.ops.map((op) => [op.id, op]));
  for (const op of network.ops) {
    if (
      hasTrainable(op) ||
      hasTrainable(byId.get(op.sharedWith ?? '')) ||
      op.operands.some((each) => trained.has(each.op))
    ) {
      trained.add(op.id);
    }
  }
  return trained;
}

function hasTrainable(op: Pick<Op, 'weights'> | undefined): boolean {
  return op?.weights.some(({ trainable }) => trainable) ?? false;
}

/** Ids of the tensors that the gradient of `op` needs. */
export function gradientNeeds<K extends OpKind>(op: OpBase<K>, trained: ReadonlySet<string>): readonly string[] {
  if (!trained.has(op.id)) return [];
  const operands = op.operands.map((operand) => trained.has(operand.op));
  const weights = op.sharedWith !== undefined || hasTrainable(op);
  const kept = definitionOf(op.kind).keeps(op, { operands, weights });
  return kept.flatMap((each) => (each === 'output' ? op.id : (op.operands[each]?.op ?? [])));
}
