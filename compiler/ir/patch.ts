/**
 * Checks patch sizes, one per spatial axis of the images in the order of `spatialAxes`, against what a network allows.
 */
import { evaluate, formatSize, symbolsOf } from '../shape/size.js';
import { counted } from '../../text/count.js';
import type { Network } from './ir.js';
import { nearestLegal } from './legal-sizes.js';
import { spatialAxes } from './receptive-field.js';

/** Why a patch is illegal. */
export type PatchProblem =
  | { readonly kind: 'rank'; readonly axes: readonly string[]; readonly given: number }
  | {
      readonly kind: 'size';
      readonly axis: string;
      readonly size: number;
      /** The nearest legal sizes, if there are any. */
      readonly below: number | undefined;
      readonly above: number | undefined;
      /** The reason: "the input fixes it", or the reason of a constraint. */
      readonly reason: string | undefined;
    };

/** Returns the problems of a patch; empty if the network can run on it. */
export function checkPatch(network: Network, patch: readonly number[]): readonly PatchProblem[] {
  const axes = spatialAxes(network);
  if (patch.length !== axes.length) return [{ kind: 'rank', axes, given: patch.length }];
  const faults = axes.flatMap((axis, index) => sizeProblem(network, axis, patch[index] ?? 0));
  return faults.length > 0 ? faults : jointProblems(network, patchValues(network, patch));
}

/** Describes a problem in words, to follow "it cannot be trained: ". */
export function patchReason(fault: PatchProblem): string {
  if (fault.kind === 'rank') {
    return `it has the axes ${fault.axes.join(', ')} but the patch has ${counted(fault.given, 'size')}`;
  }
  const near = [fault.below, fault.above].filter((size) => size !== undefined);
  const are = near.length === 1 ? 'size is' : 'sizes are';
  const instead = near.length === 0 ? '' : `; the nearest legal ${are} ${near.join(' or ')}`;
  return `a patch size of ${fault.size} along \`${fault.axis}\` is illegal${instead}`;
}

/** Default size along each axis. */
export const usualSize = 64;

/**
 * The default patch for showing a network: 64 along each axis or the next larger legal size, except where an input
 * fixes the size.
 */
export function usualPatch(network: Network): readonly number[] {
  return spatialAxes(network).map((axis) => {
    const legal = legalOf(network, axis);
    if (legal === undefined) return usualSize;
    const { below, above } = nearestLegal(legal, usualSize);
    return above ?? below ?? usualSize;
  });
}

/** The largest size that is tried. */
const largestSize = 1024;

/** Returns the smallest patch of at least 64 along each axis that is legal for two networks; undefined without one. */
export function commonPatchOf(a: Network, b: Network): readonly number[] | undefined {
  const [left, right] = [spatialAxes(a), spatialAxes(b)];
  if (left.length !== right.length) return undefined;
  const common = left.flatMap((axis, index) => {
    for (let size = usualSize; size <= largestSize; size++) {
      if (isLegalSize(a, axis, size) && isLegalSize(b, right[index]!, size)) return [size];
    }
    return [];
  });
  return common.length === left.length ? common : undefined;
}

function isLegalSize(network: Network, axis: string, size: number): boolean {
  return sizeProblem(network, axis, size).length === 0;
}

/** The sizes by axis name, as `evaluate` expects them. */
export function patchValues(network: Network, patch: readonly number[]): ReadonlyMap<string, number> {
  return new Map(spatialAxes(network).map((axis, index) => [axis, patch[index] ?? 0]));
}

function sizeProblem(network: Network, axis: string, size: number): readonly PatchProblem[] {
  const legal = legalOf(network, axis);
  if (legal === undefined) return [];
  const { below, above } = nearestLegal(legal, size);
  if (below === size) return [];
  const reason = legal.fixed ? 'the input fixes this size' : reasonFor(network, axis, size);
  return [{ kind: 'size', axis, size, below, above, reason }];
}

interface AxisSizes {
  readonly axis: string;
  readonly first: number;
  readonly step: number;
  readonly fixed: boolean;
}

function legalOf(network: Network, axis: string): AxisSizes | undefined {
  const images = network.inputs.flatMap((input) => (input.kind === 'image' ? input.axes : []));
  const fixed = images.find(({ name, size }) => name === axis && size !== undefined)?.size;
  if (fixed !== undefined) return { axis, first: fixed, step: 0, fixed: true };
  const legal = network.legal.find((each) => each.axis === axis);
  return legal === undefined ? undefined : { ...legal, fixed: false };
}

/** Returns why the axis cannot have that size: the first constraint on it alone that it violates. */
function reasonFor(network: Network, axis: string, size: number): string | undefined {
  const values = new Map([[axis, size]]);
  const unmet = network.constraints.find(({ left, right }) => {
    const names = new Set([...symbolsOf(left), ...symbolsOf(right)]);
    return names.size === 1 && names.has(axis) && evaluate(left, values) !== evaluate(right, values);
  });
  return unmet?.reason;
}

/** Checks constraints that involve several axes: sizes that are legal for each axis alone may not be legal together. */
function jointProblems(network: Network, values: ReadonlyMap<string, number>): readonly PatchProblem[] {
  const unmet = network.constraints.find(({ left, right }) => evaluate(left, values) !== evaluate(right, values));
  if (unmet === undefined) return [];
  const [axis = ''] = [...symbolsOf(unmet.left), ...symbolsOf(unmet.right)];
  const reason = `${unmet.reason}: ${formatSize(unmet.left)} must equal ${formatSize(unmet.right)}`;
  return [{ kind: 'size', axis, size: values.get(axis) ?? 0, below: undefined, above: undefined, reason }];
}
