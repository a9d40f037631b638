/**
 * How far each operation sees into the images: the recursion of jumps and sizes of Araujo et al., "Computing Receptive
 * Fields of Convolutional Neural Networks" (Distill 2019), per original spatial axis and over any graph.
 *
 * `jump` is the distance in input voxels between neighbours on an axis, a fraction after upsampling; `size` the extent
 * in voxels that one element sees; an input has jump 1 and size 1. Per operation:
 *
 * - conv, depthwise conv, pools: size += dilation * (kernel - 1) * jump, then jump *= stride.
 * - transposed conv: an element comes from ceil(kernel / stride) of its operand's, so
 *   size += (ceil(kernel / stride) - 1) * jump, then jump /= stride. Kernel 2 with stride 2 adds nothing.
 * - linear resize: an element lies between two of its operand's, so size += jump, then jump *= old size / new size at
 *   the patch; nothing where the size stays. Nearest resize only changes the jump.
 * - where tensors meet (+, concat, einsum), the largest size; where they reach differently far to the two sides, the
 *   union may be larger. Sizes are not cut at the patch.
 *
 * After upsampling, positions differ in what they see; the size is then the mean over positions, rounded up.
 *
 * What sees everything sets `global` and leaves the sizes to the local operations: sums, means, maxima, softmax and
 * einsum contractions over an axis of the image. Norms do not count, though their statistics cover the patch. Over the
 * inner part of a split axis (a window of attention) only the window is seen: size += (extent - 1) * jump.
 */
import { evaluate } from '../shape/size.js';
import { addFractions, multiplyFractions, type Fraction } from '../shape/fraction.js';
import type { Axis, Network, Op, Operand } from './ir.js';

/** What one operation sees, axes in the order of `spatialAxes`. */
export interface ReceptiveField {
  /** Voxels per spatial axis of the images, rounded up; 0 for what no image enters. */
  readonly size: readonly number[];
  readonly global: boolean;
}

/** Names of the images' spatial axes, in order of appearance. */
export function spatialAxes(network: Network): readonly string[] {
  const names = network.inputs.flatMap((input) => (input.kind === 'image' ? input.axes.map(({ name }) => name) : []));
  return [...new Set(names)];
}

/** The receptive field of every operation by id; `patch` gives the sizes of the free axes. */
export function receptiveFields(
  network: Network,
  patch: ReadonlyMap<string, number>,
): ReadonlyMap<string, ReceptiveField> {
  const axes = spatialAxes(network);
  const views = new Map<string, View>();
  for (const op of network.ops) views.set(op.id, viewOf(op, views, patch));
  return new Map([...views].map(([id, view]) => [id, summary(view, axes)]));
}

function summary(view: View, axes: readonly string[]): ReceptiveField {
  const size = axes.map((axis) => {
    const field = view.fields.get(axis);
    return field === undefined ? 0 : Math.ceil(field.size.over / field.size.under);
  });
  return { size, global: view.global };
}

/** Where one axis of a tensor comes from. Merged axes list their parts. */
type Origin =
  /** No axis of an image: channels, heads, rows of a table. */
  | { readonly kind: 'none' }
  /** Whole axes of an image. */
  | { readonly kind: 'whole'; readonly axes: readonly string[] }
  /** The fast part of a split axis: that many neighbours. */
  | { readonly kind: 'inner'; readonly parts: readonly { readonly axis: string; readonly extent: number }[] }
  /** The slow part of a split axis, or a mixture: summing over it sees everything. */
  | { readonly kind: 'outer'; readonly axes: readonly string[] };

interface Field {
  readonly size: Fraction;
  readonly jump: Fraction;
}

interface View {
  readonly fields: ReadonlyMap<string, Field>;
  readonly origins: readonly Origin[];
  readonly global: boolean;
}

const none: Origin = { kind: 'none' };
const one: Fraction = { over: 1, under: 1 };
const nothing: View = { fields: new Map(), origins: [], global: false };

function viewOf(op: Op, views: ReadonlyMap<string, View>, patch: ReadonlyMap<string, number>): View {
  const operands = op.operands.map((operand) => views.get(operand.op) ?? nothing);
  const [first = nothing] = operands;
  switch (op.kind) {
    case 'input':
      return inputView(op);
    case 'param':
      return { ...nothing, origins: op.shape.map(() => none) };
    case 'conv':
    case 'depthwise_conv':
      return windowed(first, op.attributes.kernel, op.attributes.stride, op.attributes.dilation);
    case 'max_pool':
    case 'avg_pool':
      return windowed(first, op.attributes.kernel, op.attributes.stride, undefined);
    case 'transposed_conv':
      return transposed(first, op.attributes.kernel, op.attributes.stride);
    case 'resize':
      return resized(first, op.attributes.mode, sizesAt(op.operands[0]?.shape, patch), sizesAt(op.shape, patch));
    case 'binary':
    case 'concat':
      return { ...joined(operands), origins: originsByName(op, operands) };
    case 'einsum': {
      const { into } = op.attributes;
      const contracted = op.operands.map((operand, index) =>
        contract(operands[index] ?? nothing, operand.shape, (name) => !into.includes(name)),
      );
      return { ...joined(contracted), origins: originsByName(op, operands) };
    }
    case 'reduce': {
      const { over } = op.attributes;
      const seen = contract(first, op.operands[0]?.shape ?? [], (name) => over.includes(name));
      return { ...seen, origins: originsByName(op, operands) };
    }
    case 'softmax':
      return normalized(first, op.operands[0]?.shape ?? [], op.attributes.over);
    case 'merge':
      return { ...first, origins: mergedOrigins(op, first) };
    case 'split':
      return { ...first, origins: splitOrigins(op, first, patch) };
    case 'transpose':
      return { ...first, origins: originsByName(op, operands) };
    case 'pick':
      return { ...nothing, origins: op.shape.map(() => none) };
    case 'linear':
    case 'group_norm':
    case 'instance_norm':
    case 'layer_norm':
    case 'unary':
    case 'prelu':
    case 'dropout':
    case 'spatial_dropout':
    case 'scalar':
    case 'pad':
    case 'crop':
    case 'roll':
      return first;
  }
}

function inputView(op: Op): View {
  const [, ...spatial] = op.shape;
  const fields = new Map(spatial.map(({ name }) => [name, { size: one, jump: one }]));
  const origins = op.shape.map(({ name }, index): Origin => (index === 0 ? none : { kind: 'whole', axes: [name] }));
  return { fields, origins, global: false };
}

/** A window of `kernel` over each spatial axis. */
function windowed(
  view: View,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[] | undefined,
): View {
  return alongSpatial(view, (axis) => ({
    taps: (dilation?.[axis] ?? 1) * ((kernel[axis] ?? 1) - 1),
    jump: { over: stride[axis] ?? 1, under: 1 },
  }));
}

function transposed(view: View, kernel: readonly number[], stride: readonly number[]): View {
  return alongSpatial(view, (axis) => {
    const step = stride[axis] ?? 1;
    return { taps: Math.ceil((kernel[axis] ?? 1) / step) - 1, jump: { over: 1, under: step } };
  });
}

function resized(view: View, mode: 'linear' | 'nearest', from: readonly number[], to: readonly number[]): View {
  return alongSpatial(view, (axis) => {
    const [over = 1, under = 1] = [from[axis], to[axis]];
    const taps = mode === 'linear' && over !== under ? 1 : 0;
    return { taps, jump: { over, under } };
  });
}

/** Neighbours beyond the first that an element sees, and what the jump is multiplied with. */
interface Step {
  readonly taps: number;
  readonly jump: Fraction;
}

function alongSpatial(view: View, stepOf: (axis: number) => Step): View {
  const fields = new Map(view.fields);
  let { global } = view;
  view.origins.slice(1).forEach((origin, axis) => {
    const step = stepOf(axis);
    const axes = axesOf(origin);
    const [only] = axes;
    // A window over merged axes or over the slow part of a split one is no neighbourhood of the image.
    if (only === undefined || axes.length > 1 || origin.kind === 'outer') global ||= axes.length > 0 && step.taps > 0;
    else widen(fields, only, step);
  });
  return { ...view, fields, global };
}

function widen(fields: Map<string, Field>, axis: string, { taps, jump }: Step): void {
  const field = fields.get(axis);
  if (field === undefined) return;
  const size = addFractions(field.size, multiplyFractions({ over: taps, under: 1 }, field.jump));
  fields.set(axis, { size, jump: multiplyFractions(field.jump, jump) });
}

/** The view of what is left after summing over some axes. */
function contract(view: View, shape: readonly Axis[], over: (name: string) => boolean): View {
  const fields = new Map(view.fields);
  let { global } = view;
  shape.forEach(({ name }, index) => {
    const origin = view.origins[index] ?? none;
    if (!over(name)) return;
    if (origin.kind === 'inner') {
      for (const { axis, extent } of origin.parts) widen(fields, axis, { taps: extent - 1, jump: one });
    } else global ||= axesOf(origin).length > 0;
  });
  return { ...view, fields, global };
}

/** Softmax sees what it sums over; a window is left to the contraction that follows, so as not to count it twice. */
function normalized(view: View, shape: readonly Axis[], over: readonly string[]): View {
  const isSeen = (name: string, index: number): boolean =>
    over.includes(name) && ['whole', 'outer'].includes(view.origins[index]?.kind ?? 'none');
  return { ...view, global: view.global || shape.some(({ name }, index) => isSeen(name, index)) };
}

/** The larger of each field where tensors meet. */
function joined(views: readonly View[]): View {
  const fields = new Map<string, Field>();
  for (const [axis, field] of views.flatMap((view) => [...view.fields])) {
    const known = fields.get(axis);
    fields.set(
      axis,
      known === undefined ? field : { size: larger(known.size, field.size), jump: larger(known.jump, field.jump) },
    );
  }
  return { fields, origins: [], global: views.some(({ global }) => global) };
}

function larger(left: Fraction, right: Fraction): Fraction {
  return left.over * right.under >= right.over * left.under ? left : right;
}

/** Each output axis comes from where the operands' axis of that name comes from. */
function originsByName(op: Op, views: readonly View[]): readonly Origin[] {
  return op.shape.map(({ name }) => {
    const found = op.operands.flatMap((operand: Operand, index) => {
      const place = operand.shape.findIndex((axis) => axis.name === name);
      const origin = views[index]?.origins[place];
      return origin === undefined || origin.kind === 'none' ? [] : [origin];
    });
    return found[0] ?? none;
  });
}

function mergedOrigins(op: Extract<Op, { kind: 'merge' }>, view: View): readonly Origin[] {
  const shape = op.operands[0]?.shape ?? [];
  const originOf = (name: string): Origin => view.origins[shape.findIndex((axis) => axis.name === name)] ?? none;
  return op.shape.map(({ name }) =>
    name === op.attributes.into ? mergeOrigins(op.attributes.axes.map(originOf)) : originOf(name),
  );
}

function mergeOrigins(parts: readonly Origin[]): Origin {
  const spatial = parts.filter(({ kind }) => kind !== 'none');
  const axes = [...new Set(spatial.flatMap(axesOf))];
  if (spatial.length === 0) return none;
  if (spatial.every((part) => part.kind === 'whole')) return { kind: 'whole', axes };
  if (spatial.every((part) => part.kind === 'inner')) {
    return { kind: 'inner', parts: spatial.flatMap((part) => part.parts) };
  }
  const [outer, inner] = spatial;
  const undoesSplit = spatial.length === 2 && outer?.kind === 'outer' && inner?.kind === 'inner' && axes.length === 1;
  return { kind: undoesSplit ? 'whole' : 'outer', axes };
}

function splitOrigins(
  op: Extract<Op, { kind: 'split' }>,
  view: View,
  patch: ReadonlyMap<string, number>,
): readonly Origin[] {
  const shape = op.operands[0]?.shape ?? [];
  return shape.flatMap(({ name }, index) => {
    const origin = view.origins[index] ?? none;
    return name === op.attributes.axis ? splitOrigin(origin, sizesOf(op.attributes.into, patch)) : [origin];
  });
}

/** Parts of a merged axis get their own back; a single axis parts into a slow and a fast one. */
function splitOrigin(origin: Origin, extents: readonly number[]): readonly Origin[] {
  const axes = axesOf(origin);
  if (axes.length === 0) return extents.map(() => none);
  if (axes.length === extents.length) {
    return axes.map((axis, index) =>
      origin.kind === 'inner'
        ? { kind: 'inner', parts: origin.parts.slice(index, index + 1) }
        : { kind: origin.kind === 'whole' ? 'whole' : 'outer', axes: [axis] },
    );
  }
  const [axis = ''] = axes;
  if (origin.kind === 'whole' && axes.length === 1) {
    return extents.map((extent, index) =>
      index === extents.length - 1 ? { kind: 'inner', parts: [{ axis, extent }] } : { kind: 'outer', axes },
    );
  }
  return extents.map(() => ({ kind: 'outer', axes }));
}

function axesOf(origin: Origin): readonly string[] {
  if (origin.kind === 'none') return [];
  return origin.kind === 'inner' ? origin.parts.map(({ axis }) => axis) : origin.axes;
}

function sizesOf(axes: readonly Axis[], patch: ReadonlyMap<string, number>): readonly number[] {
  return axes.map(({ size }) => evaluate(size, patch));
}

function sizesAt(shape: readonly Axis[] | undefined, patch: ReadonlyMap<string, number>): readonly number[] {
  return sizesOf(shape?.slice(1) ?? [], patch);
}
