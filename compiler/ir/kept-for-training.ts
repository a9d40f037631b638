/**
 * Which tensors a training step must keep between its forward and its backward pass, by the derivative of each kind of
 * operation. An operation needs nothing where no gradient goes through it: nothing that it depends on is trainable.
 *
 * | kind | keeps |
 * |---|---|
 * | conv, depthwise_conv, transposed_conv, linear | the operand, where the weights are trainable |
 * | group_norm, instance_norm, layer_norm, prelu | the operand (statistics are small and not counted) |
 * | max_pool, reduce max | operand and output |
 * | relu, leaky_relu, elu, sigmoid, tanh, exp, sqrt, softmax | the output |
 * | gelu, silu, softplus, log, abs, power, number / x | the operand |
 * | x * y, einsum | each operand whose other one gets a gradient |
 * | x / y | y; and x where y gets a gradient |
 * | min, max | both operands |
 * | dropout, spatial_dropout | a mask: one number an element, or one a channel |
 * | all others | nothing: +, -, average pool, resize, concat, merge, split, ... need sizes alone |
 *
 * A tensor that several need is counted once, where it is made; the logits count, the loss needs them; params do not,
 * they are weights. Engines may keep more (tfjs keeps the operand of a relu too) or less (by computing again).
 */
import type { UnaryFunction } from '../../contract/functions.js';
import type { Network, Op } from './ir.js';

/** What stays of one operation: its output (1 or 0) and masks, in tensors of the output's size and in its channels. */
export interface Kept {
  readonly tensors: number;
  readonly channelMasks: number;
}

/** What is kept, by operation id; operations of which nothing stays are left out. */
export function keptForTraining(network: Network): ReadonlyMap<string, Kept> {
  const trained = trainedOps(network);
  const logits = network.outputs.flatMap(({ op, auxiliary }) => [op, ...auxiliary]);
  const needed = new Set([...logits, ...network.ops.flatMap((op) => gradientNeeds(op, trained))]);
  const kept = new Map<string, Kept>();
  for (const op of network.ops) {
    const output = needed.has(op.id) && op.kind !== 'param' ? 1 : 0;
    const isMasked = op.operands.some((operand) => trained.has(operand.op));
    const mask = op.kind === 'dropout' && isMasked ? 1 : 0;
    const channelMasks = op.kind === 'spatial_dropout' && isMasked ? 1 : 0;
    if (output + mask + channelMasks > 0) kept.set(op.id, { tensors: output + mask, channelMasks });
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

function hasTrainable(op: Op | undefined): boolean {
  return op?.weights.some(({ trainable }) => trainable) ?? false;
}

const byOutput: ReadonlySet<UnaryFunction> = new Set(['relu', 'leaky_relu', 'elu', 'sigmoid', 'tanh', 'exp', 'sqrt']);

/** Ids of the tensors that the gradient of `op` is computed from. */
export function gradientNeeds(op: Op, trained: ReadonlySet<string>): readonly string[] {
  if (!trained.has(op.id)) return [];
  const operands = op.operands.map((operand) => operand.op);
  const [first = '', second = ''] = operands;
  const passes = trained.has(first);
  switch (op.kind) {
    case 'conv':
    case 'depthwise_conv':
    case 'transposed_conv':
    case 'linear':
      return op.sharedWith !== undefined || hasTrainable(op) ? [first] : [];
    case 'group_norm':
    case 'instance_norm':
    case 'layer_norm':
    case 'prelu':
      return [first];
    case 'max_pool':
      return [first, op.id];
    case 'reduce':
      return op.attributes.function === 'max' ? [first, op.id] : [];
    case 'unary':
      if (op.attributes.function === 'negate') return [];
      return byOutput.has(op.attributes.function) ? [op.id] : [first];
    case 'softmax':
      return [op.id];
    case 'scalar':
      return op.attributes.operator === 'power' || (op.attributes.operator === '/' && op.attributes.reversed)
        ? [first]
        : [];
    case 'einsum':
      return [...(passes ? [second] : []), ...(trained.has(second) ? [first] : [])];
    case 'binary':
      return binaryNeeds(op.attributes.operator, [first, second], [passes, trained.has(second)]);
    case 'input':
    case 'param':
    case 'avg_pool':
    case 'dropout':
    case 'spatial_dropout':
    case 'resize':
    case 'concat':
    case 'merge':
    case 'split':
    case 'transpose':
    case 'pick':
    case 'pad':
    case 'crop':
    case 'roll':
      return [];
  }
}

function binaryNeeds(
  operator: '+' | '-' | '*' | '/' | 'min' | 'max',
  [left, right]: readonly [string, string],
  [leftPasses, rightPasses]: readonly [boolean, boolean],
): readonly string[] {
  switch (operator) {
    case '+':
    case '-':
      return [];
    case '*':
      return [...(leftPasses ? [right] : []), ...(rightPasses ? [left] : [])];
    case '/':
      return [right, ...(rightPasses ? [left] : [])];
    case 'min':
    case 'max':
      return [left, right];
  }
}
