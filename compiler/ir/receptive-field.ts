/**
 * The receptive field of each operation. The rule of each kind is in its definition (`view`), the recursion in
 * `ops/view.ts`. Norms do not count, although their statistics cover the patch.
 */
import type { Network, OpBase, OpKind } from './ir.js';
import { definitionOf } from './ops/operations.js';
import { nothing, type View } from './ops/view.js';
import type { Patch } from './tensor.js';

/** The receptive field of one operation, axes in the order of `spatialAxes`. */
export interface ReceptiveField {
  /** Voxels per spatial axis of the images, rounded up; 0 if it does not depend on an image. */
  readonly size: readonly number[];
  readonly global: boolean;
}

/** Names of the images' spatial axes, in order of appearance. */
export function spatialAxes(network: Network): readonly string[] {
  const names = network.inputs.flatMap((input) => (input.kind === 'image' ? input.axes.map(({ name }) => name) : []));
  return [...new Set(names)];
}

/** The receptive field of every operation by id; `patch` gives the sizes of the free axes. */
export function receptiveFields(network: Network, patch: Patch): ReadonlyMap<string, ReceptiveField> {
  const axes = spatialAxes(network);
  return new Map([...viewsOf(network, patch)].map(([id, view]) => [id, summary(view, axes)]));
}

function viewsOf(network: Network, patch: Patch): ReadonlyMap<string, View> {
  const views = new Map<string, View>();
  for (const op of network.ops) views.set(op.id, viewOf<OpKind>(op, views, patch));
  return views;
}

/**
 * The distance in voxels between neighbours of every operation's output by id, for each axis of `spatialAxes`; undefined for
 * an axis that no image reaches it along.
 */
export function jumps(network: Network, patch: Patch): ReadonlyMap<string, readonly (number | undefined)[]> {
  const axes = spatialAxes(network);
  const jump = (view: View, axis: string): number | undefined => {
    const field = view.fields.get(axis);
    return field === undefined ? undefined : field.jump.over / field.jump.under;
  };
  return new Map([...viewsOf(network, patch)].map(([id, view]) => [id, axes.map((axis) => jump(view, axis))]));
}

function viewOf<K extends OpKind>(op: OpBase<K>, views: ReadonlyMap<string, View>, patch: Patch): View {
  const operands = op.operands.map((operand) => views.get(operand.op) ?? nothing);
  return definitionOf(op.kind).view(op, operands, patch);
}

function summary(view: View, axes: readonly string[]): ReceptiveField {
  const size = axes.map((axis) => {
    const field = view.fields.get(axis);
    return field === undefined ? 0 : Math.ceil(field.size.over / field.size.under);
  });
  return { size, global: view.global };
}
