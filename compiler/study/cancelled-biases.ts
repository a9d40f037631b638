/**
 * Trainable weights that only shift a tensor by what a later norm or softmax takes away again: the bias of a conv before
 * an instance norm, of the keys of an attention. No prediction depends on them, and their gradient is zero but for
 * rounding.
 *
 * A shift is followed from where a weight adds it. It is known by the axes along which it may vary: a bias varies along
 * the channels alone. What keeps a shift a shift passes it on; a norm whose statistics are taken over axes along which it
 * does not vary takes it away; all else depends on it.
 */
import type { Network, Op, Operand, Weight } from '../ir/ir.js';

/** Names of the axes of a tensor along which a shift of it may vary. */
type Varying = ReadonlySet<string>;

const none: Varying = new Set();

/** Ids of the weights that cancel, in the network's order. */
export function cancelledBiases(network: Network): readonly Weight[] {
  return network.ops.flatMap((op) => {
    const weight = shiftOf(op);
    return weight?.trainable === true && cancels(network, op) ? [weight] : [];
  });
}

/** The weight by which an operation shifts its output. */
function shiftOf(op: Op): Weight | undefined {
  if (op.kind === 'param') return op.weights[0];
  return op.weights.find(({ name }) => name === 'bias');
}

function cancels(network: Network, owner: Op): boolean {
  const ends = new Map(
    network.outputs.flatMap(({ op, auxiliary, kind }) => [op, ...auxiliary].map((id) => [id, kind])),
  );
  const shifted = new Map<string, Varying>();
  for (const op of network.ops) {
    const own = op === owner || op.sharedWith === owner.id ? ownShift(op) : none;
    const passed = passShift(op, (operand) => shiftAt(operand, shifted, network));
    if (passed === 'used') return false;
    const isSource = op === owner || op.sharedWith === owner.id;
    if (!isSource && passed === 'gone') continue;
    const varying = passed === 'gone' ? own : new Set([...own, ...passed]);
    // A softmax over the labels takes away what all of them have in common.
    if (ends.has(op.id) && !(ends.get(op.id) === 'classes' && !varying.has(channelsOf(op)))) return false;
    shifted.set(op.id, varying);
  }
  return true;
}

/** A bias varies along the channels, a param along all it has. */
function ownShift(op: Op): Varying {
  return op.kind === 'param' ? new Set(op.shape.map(({ name }) => name)) : new Set([channelsOf(op)]);
}

function channelsOf({ shape }: Pick<Op, 'shape'>): string {
  return shape[0]?.name ?? '';
}

/** A shift by the names its axes have where the tensor is used. */
function shiftAt(operand: Operand, shifted: ReadonlyMap<string, Varying>, network: Network): Varying | undefined {
  const varying = shifted.get(operand.op);
  if (varying === undefined) return undefined;
  const made = network.ops.find(({ id }) => id === operand.op)?.shape ?? [];
  return new Set(operand.shape.filter((_, index) => varying.has(made[index]?.name ?? '')).map(({ name }) => name));
}

/**
 * How the shifts of an operation's operands come out of it: as a shift again, `gone` (there was none, or it was taken
 * away), or `used`: the output depends on it in another way.
 */
function passShift(op: Op, shiftOfOperand: (operand: Operand) => Varying | undefined): Varying | 'gone' | 'used' {
  // The second operand of these gives sizes alone.
  const readers = ['resize', 'pad', 'crop'].includes(op.kind) ? op.operands.slice(0, 1) : op.operands;
  const shifts = readers.map(shiftOfOperand);
  const present = shifts.filter((shift) => shift !== undefined);
  const [shift] = present;
  if (shift === undefined) return 'gone';
  const isSum = op.kind === 'concat' || (op.kind === 'binary' && ['+', '-'].includes(op.attributes.operator));
  if (isSum) return union(...present, op.kind === 'concat' ? new Set([channelsOf(op)]) : none);
  if (present.length > 1) return 'used';
  return passOne(op, shift, shifts.indexOf(shift));
}

function passOne(op: Op, shift: Varying, position: number): Varying | 'gone' | 'used' {
  const operand = op.operands[position]!;
  const channel = channelsOf(operand);
  const isPerChannel = [...shift].every((name) => name === channel);
  const ifPerChannel = isPerChannel ? shift : 'used';
  switch (op.kind) {
    case 'group_norm':
      return isPerChannel && (shift.size === 0 || isOneChannelAGroup(op)) ? 'gone' : 'used';
    case 'instance_norm':
      return isPerChannel ? 'gone' : 'used';
    case 'layer_norm':
      return shift.has(channel) ? 'used' : 'gone';
    case 'softmax':
      return op.attributes.over.some((name) => shift.has(name)) ? 'used' : 'gone';
    case 'conv':
    case 'depthwise_conv':
      return isPerChannel && isUnpadded(op.attributes.pad) ? new Set([channelsOf(op)]) : 'used';
    case 'linear':
      return union(without(shift, [channel]), new Set([channelsOf(op)]));
    case 'avg_pool':
      return isUnpadded(op.attributes.pad) ? ifPerChannel : 'used';
    case 'max_pool':
    case 'resize':
      return ifPerChannel;
    case 'spatial_dropout':
      return union(shift, new Set([channel]));
    case 'unary':
      return op.attributes.function === 'negate' ? shift : 'used';
    case 'scalar':
      return op.attributes.operator === 'power' || (op.attributes.operator === '/' && op.attributes.reversed)
        ? 'used'
        : shift;
    case 'reduce':
      if (op.attributes.function === 'max') return op.attributes.over.some((name) => shift.has(name)) ? 'used' : shift;
      return without(shift, op.attributes.over);
    case 'binary':
      return op.attributes.operator === '*' || (op.attributes.operator === '/' && position === 0)
        ? timesOther(op, shift, position)
        : 'used';
    case 'einsum':
      return timesOther(op, shift, position);
    case 'merge': {
      const { axes, into } = op.attributes;
      return axes.some((name) => shift.has(name)) ? union(without(shift, axes), new Set([into])) : shift;
    }
    case 'split': {
      const { axis, into } = op.attributes;
      const parts = new Set(into.map(({ name }) => name));
      return shift.has(axis) ? union(without(shift, [axis]), parts) : shift;
    }
    case 'transpose':
    case 'crop':
      return shift;
    case 'roll':
      return ifPerChannel;
    case 'pick':
      return position === 1 ? 'used' : new Set(op.shape.map(({ name }) => name));
    case 'input':
    case 'param':
    case 'concat':
    case 'transposed_conv':
    case 'prelu':
    case 'dropout':
    case 'pad':
      return 'used';
  }
}

/** A product varies along the axes of the factor that is not shifted, too. */
function timesOther(op: Op, shift: Varying, position: number): Varying {
  const other = new Set(op.operands.filter((_, index) => index !== position).flatMap(({ shape }) => shape.map(nameOf)));
  return new Set(op.shape.map(nameOf).filter((name) => shift.has(name) || other.has(name)));
}

const nameOf = ({ name }: { readonly name: string }): string => name;

function isOneChannelAGroup(op: Extract<Op, { kind: 'group_norm' }>): boolean {
  const size = op.shape[0]?.size;
  return size?.kind === 'constant' && size.value === op.attributes.groups;
}

function isUnpadded(pad: readonly (readonly [number, number])[]): boolean {
  return pad.every(([before, after]) => before === 0 && after === 0);
}

function union(...sets: readonly Varying[]): Varying {
  return new Set(sets.flatMap((set) => [...set]));
}

function without(shift: Varying, names: readonly string[]): Varying {
  return new Set([...shift].filter((name) => !names.includes(name)));
}
