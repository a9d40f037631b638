/**
 * What one element of a tensor sees of the images, and how operations change that: the recursion of jumps and sizes of
 * Araujo et al., "Computing Receptive Fields of Convolutional Neural Networks" (Distill 2019), per original spatial axis.
 *
 * `jump` is the distance in input voxels between neighbours on an axis, a fraction after upsampling; `size` the extent
 * in voxels that one element sees; an input has jump 1 and size 1. After upsampling, positions differ in what they see;
 * the size is then the mean over positions. If tensors that reach differently far to the two sides meet, the union may be
 * larger than the size given. Sizes are not cut at the patch.
 *
 * Anything that sees everything sets `global` and leaves the sizes to the local operations.
 */
import { evaluate } from '../../shape/size.js';
import { addFractions, multiplyFractions, type Fraction } from '../../shape/fraction.js';
import type { Axis, Operand, Patch, Shape } from '../tensor.js';
import type { Window } from './shapes.js';

/** Where one axis of a tensor comes from. Merged axes list their parts. */
export type Origin =
  /** No axis of an image: channels, heads, rows of a table. */
  | { readonly kind: 'none' }
  /** Whole axes of an image. */
  | { readonly kind: 'whole'; readonly axes: readonly string[] }
  /** The fast part of a split axis: `extent` neighbours each. */
  | { readonly kind: 'inner'; readonly parts: readonly { readonly axis: string; readonly extent: number }[] }
  /** The slow part of a split axis, or a mixture: summing over it sees everything. */
  | { readonly kind: 'outer'; readonly axes: readonly string[] };

export interface Field {
  readonly size: Fraction;
  readonly jump: Fraction;
}

/** What one element of a tensor sees. */
export interface View {
  /** By the name of the image axis. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Of each axis of the tensor, in its order. */
  readonly origins: readonly Origin[];
  readonly global: boolean;
}

export const none: Origin = { kind: 'none' };
/** The fraction 1. */
export const one: Fraction = { over: 1, under: 1 };
/** The view of a tensor that no image enters. */
export const nothing: View = { fields: new Map(), origins: [], global: false };

/** A window over each spatial axis: size += dilation * (kernel - 1) * jump, then jump *= stride. */
export function windowed(view: View, { kernel, stride, dilation }: Omit<Window, 'pad'>): View {
  return alongSpatial(view, (axis) => ({
    taps: (dilation?.[axis] ?? 1) * ((kernel[axis] ?? 1) - 1),
    jump: { over: stride[axis] ?? 1, under: 1 },
  }));
}

/**
 * The adjoint of a strided window: an element comes from ceil(kernel / stride) of its operand's, so
 * size += (ceil(kernel / stride) - 1) * jump, then jump /= stride. Kernel 2 with stride 2 adds nothing.
 */
export function transposed(view: View, { kernel, stride }: Omit<Window, 'pad'>): View {
  return alongSpatial(view, (axis) => {
    const step = stride[axis] ?? 1;
    return { taps: Math.ceil((kernel[axis] ?? 1) / step) - 1, jump: { over: 1, under: step } };
  });
}

/**
 * Resampling to other sizes at the patch. By `linear`, an element lies between two of its operand's, so size += jump,
 * then jump *= old size / new size; nothing if the size stays. `nearest` only changes the jump.
 */
export function resized(
  view: View,
  mode: 'linear' | 'nearest' | 'nearest_floor',
  sizes: { readonly from: readonly number[]; readonly to: readonly number[] },
): View {
  return alongSpatial(view, (axis) => {
    const [over = 1, under = 1] = [sizes.from[axis], sizes.to[axis]];
    const taps = mode === 'linear' && over !== under ? 1 : 0;
    return { taps, jump: { over, under } };
  });
}

/** The additional neighbours that an element sees, and the factor of the jump. */
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
    // A window over merged axes or over the slow part of a split one is not a neighbourhood in the image.
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

/**
 * The view of what is left after summing over some axes. Over a whole axis of an image it is global; over the inner part
 * of a split axis (a window of attention) only the window is seen: size += (extent - 1) * jump.
 */
export function contract(view: View, shape: readonly Axis[], over: (name: string) => boolean): View {
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
export function normalized(view: View, shape: readonly Axis[], over: readonly string[]): View {
  const isSeen = (name: string, index: number): boolean =>
    over.includes(name) && ['whole', 'outer'].includes(view.origins[index]?.kind ?? 'none');
  return { ...view, global: view.global || shape.some(({ name }, index) => isSeen(name, index)) };
}

/** The maximum of each field where tensors are combined. */
export function joined(views: readonly View[]): View {
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
export function originsByName(
  op: { readonly shape: Shape; readonly operands: readonly Operand[] },
  views: readonly View[],
): readonly Origin[] {
  return op.shape.map(({ name }) => {
    const found = op.operands.flatMap((operand, index) => {
      const place = operand.shape.findIndex((axis) => axis.name === name);
      const origin = views[index]?.origins[place];
      return origin === undefined || origin.kind === 'none' ? [] : [origin];
    });
    return found[0] ?? none;
  });
}

export function mergeOrigins(parts: readonly Origin[]): Origin {
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

/** Parts of a merged axis get their own back; a single axis parts into a slow and a fast one. */
export function splitOrigin(origin: Origin, extents: readonly number[]): readonly Origin[] {
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

export function sizesOf(axes: readonly Axis[], patch: Patch): readonly number[] {
  return axes.map(({ size }) => evaluate(size, patch));
}
