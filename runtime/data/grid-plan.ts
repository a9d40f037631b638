import { stepOf } from './affine.js';
import type { Box } from './box.js';
import { gridOf, spacingText } from './grid.js';
import { type Place, errorAt } from './place.js';
import type { Protocol } from '../../contract/protocol.js';
import { type AxisOrder, inverseOrder, orderToRas, reorder, reorderedShape, sameOrder } from './resample/axis-order.js';
import type { Axis } from './resample/axis.js';
import { type Resampling, resampleChannel, resampledShape, separateAxis } from './resample/resample.js';
import type { FloatTensor, Geometry } from './types.js';

/** The entries of a protocol that determine the grid that a network sees. */
export type GridProtocol = Pick<Protocol, 'orient' | 'spacing' | 'resample'>;

/** How a volume gets from its file's grid to the network's grid and back. */
export interface GridPlan {
  /** The order of the network's axes in the file. */
  readonly order: AxisOrder;
  /** From the reordered volume to the network's grid, and back. */
  readonly there: Resampling;
  readonly back: Resampling;
  /** The network's grid in space. */
  readonly geometry: Geometry;
}

/** The number of voxels of one channel that a typed array and a NIfTI-1 file can reasonably hold. */
const MOST_VOXELS = 2 ** 30;

/** Whether cases are neither reoriented nor resampled. */
export function keepsGrid({ orient, spacing }: GridProtocol): boolean {
  return orient === 'as_stored' && spacing.kind === 'as_stored';
}

function resamplingBetween(from: Geometry['shape'], to: Geometry['shape'], separate: Axis | undefined): Resampling {
  return { from, to, ...(separate === undefined ? {} : { separate }) };
}

/** The position in space of a grid with `to` voxels over the extent of a reordered grid. */
function affineAfter({ affine, shape }: Geometry, { axes, reversed }: AxisOrder, to: Geometry['shape']): number[] {
  const columns: number[][] = [[], [], []];
  let origin: number[] = stepOf(affine, 3);
  ([0, 1, 2] as const).forEach((axis) => {
    const source = axes[axis];
    const step = stepOf(affine, 2 - source);
    const ratio = shape[source] / to[axis];
    const first = ratio / 2 - 0.5;
    const index = reversed[axis] ? shape[source] - 1 - first : first;
    origin = origin.map((value, row) => value + index * step[row as Axis]);
    columns[2 - axis] = step.map((value) => value * ratio * (reversed[axis] ? -1 : 1));
  });
  const row = (k: number): number[] => [...columns.map((column) => column[k]!), origin[k]!];
  return [...row(0), ...row(1), ...row(2), 0, 0, 0, 1];
}

function geometryAfter(source: Geometry, order: AxisOrder, shape: Geometry['shape']): Geometry {
  const affine = affineAfter(source, order, shape);
  const grid = gridOf(shape, affine);
  const [d, h, w] = grid.spacing;
  const header = {
    pixdim: [1, w, h, d],
    qformCode: 0,
    sformCode: 1,
    quaternion: [0, 0, 0, 0, 0, 0],
    rows: affine.slice(0, 12),
    units: 2,
  } as const;
  return { ...grid, header, warnings: source.warnings };
}

/** The problem of a grid that a volume cannot be resampled to, as the end of a sentence about the file. */
function gridProblem(shape: Geometry['shape']): string | undefined {
  const size = shape.join(' x ');
  if (shape.includes(0)) return `would have ${size} voxels`;
  const voxels = shape.reduce((product, extent) => product * extent, 1);
  if (voxels <= MOST_VOXELS) return undefined;
  return `would have ${size} voxels (${Math.ceil((4 * voxels) / 1e9)} GB for each channel)`;
}

/**
 * Plans the change from a volume's own grid to the one of a protocol: axes are reordered first, then resampled. The
 * voxel size is rounded so that the extent of the volume stays the same.
 * @throws UserError UNET6131 for a voxel size at which an axis vanishes or the volume becomes too large
 */
export function planGrid(place: Place, geometry: Geometry, { orient, spacing }: GridProtocol): GridPlan {
  const order = orient === 'ras' ? orderToRas(geometry.orientation) : sameOrder;
  const [from, own] = [reorderedShape(geometry.shape, order), reorderedShape(geometry.spacing, order)];
  const target = spacing.kind === 'as_stored' ? own : ([...spacing.size] as [number, number, number]);
  const to = resampledShape(from, own, target);
  const problem = gridProblem(to);
  if (problem !== undefined) {
    throw errorAt(
      place,
      'UNET6131',
      `${problem} at a spacing of ${spacingText(target)} mm; it has ${from.join(' x ')} voxels of ${spacingText(own)} mm`,
      'Choose another `spacing` in the protocol, or correct the voxel size in the header.',
    );
  }
  return {
    order,
    there: resamplingBetween(from, to, separateAxis(own, target)),
    back: resamplingBetween(to, from, separateAxis(target, own)),
    geometry: geometryAfter(geometry, order, to),
  };
}

/** The smallest box on the network's grid that covers a box of the file's grid; empty if that is. */
export function boxOnGrid({ origin, size }: Box, { order, there }: GridPlan): Box {
  const empty = size.includes(0);
  const range = (axis: Axis): [from: number, count: number] => {
    const source = order.axes[axis];
    const [extent, ratio] = [there.from[axis], there.to[axis] / there.from[axis]];
    const first = order.reversed[axis] ? extent - origin[source] - size[source] : origin[source];
    const from = Math.floor(first * ratio);
    return [from, Math.ceil((first + size[source]) * ratio) - from];
  };
  const [z, y, x] = [range(0), range(1), range(2)];
  return empty ? { origin: [0, 0, 0], size: [0, 0, 0] } : { origin: [z[0], y[0], x[0]], size: [z[1], y[1], x[1]] };
}

/**
 * Returns probabilities on the network's grid to the volume's own: each class is resampled linearly (by nearest
 * neighbour along an axis that is separate), so that they still sum to 1, and the axes take their former order.
 * @param probabilities [labels, D, H, W] on the network's grid
 * @returns [labels, D, H, W] on the file's grid
 */
export function restoreProbabilities({ data, shape }: FloatTensor, { order, back }: GridPlan): FloatTensor {
  const [labels = 0] = shape;
  const [before, after] = [back.from, back.to].map((sizes) => sizes.reduce((product, size) => product * size, 1));
  const restored = new Float32Array(labels * after!);
  const inverse = inverseOrder(order);
  for (let label = 0; label < labels; label++) {
    const channel = data.subarray(label * before!, (label + 1) * before!);
    restored.set(reorder(resampleChannel(channel, back, 'linear'), back.to, inverse), label * after!);
  }
  return { data: restored, shape: [labels, ...reorderedShape(back.to, inverse)] };
}
