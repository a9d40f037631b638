import type { Axis, Shape } from './axis.js';

/** Typed arrays of voxels or label values. */
export type NumberArray = Uint8Array | Int8Array | Int16Array | Uint16Array | Float32Array;

/** For each axis [D, H, W] of a reordered volume, the axis of the source and whether it runs backwards. */
export interface AxisOrder {
  readonly axes: readonly [Axis, Axis, Axis];
  readonly reversed: readonly [boolean, boolean, boolean];
}

/** The order that keeps a volume as it is. */
export const sameOrder: AxisOrder = { axes: [0, 1, 2], reversed: [false, false, false] };

/** The order that undoes another. */
export function inverseOrder({ axes, reversed }: AxisOrder): AxisOrder {
  const at = (axis: Axis): Axis => axes.indexOf(axis) as Axis;
  return { axes: [at(0), at(1), at(2)], reversed: [reversed[at(0)], reversed[at(1)], reversed[at(2)]] };
}

/** The values of the three axes of a volume after it is reordered. */
export function reorderedShape(values: Shape, { axes }: AxisOrder): [number, number, number] {
  return [values[axes[0]], values[axes[1]], values[axes[2]]];
}

/**
 * The order of axes, and their directions, of a volume in which [D, H, W] run towards superior, anterior and right, so
 * that x, y, z are RAS.
 * @param orientation directions of the file's x, y, z axes, such as `LPS`
 */
export function orderToRas(orientation: string): AxisOrder {
  const place = (letters: string): number => [...orientation].findIndex((letter) => letters.includes(letter));
  const [z, y, x] = [place('IS'), place('PA'), place('LR')];
  const backwards = (axis: number): boolean => 'IPL'.includes(orientation[axis] ?? '?');
  const axis = (fileAxis: number): Axis => (2 - fileAxis) as Axis;
  return { axes: [axis(z), axis(y), axis(x)], reversed: [backwards(z), backwards(y), backwards(x)] };
}

/** Copies a volume [D, H, W] with its axes in another order. */
export function reorder<T extends NumberArray>(source: T, shape: Shape, order: AxisOrder): T {
  const target = new (source.constructor as new (length: number) => T)(source.length);
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  const [depth, height, width] = reorderedShape(shape, order);
  const step = (k: Axis): number => (order.reversed[k] ? -1 : 1) * strides[order.axes[k]];
  const start = (k: Axis): number => (order.reversed[k] ? (shape[order.axes[k]] - 1) * strides[order.axes[k]] : 0);
  const [dz, dy, dx] = [step(0), step(1), step(2)];
  const origin = start(0) + start(1) + start(2);
  let to = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      let from = origin + z * dz + y * dy;
      for (let x = 0; x < width; x++, from += dx) target[to++] = source[from]!;
    }
  return target;
}
