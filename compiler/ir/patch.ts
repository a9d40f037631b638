/** Sizes of a patch, one per spatial axis of the images in the order of `spatialAxes`, against what a network allows. */
import { evaluate, formatSize, symbolsOf } from '../shape/size.js';
import { counted } from '../../text/count.js';
import type { Network } from './ir.js';
import { nearestLegal } from './legal-sizes.js';
import { spatialAxes } from './receptive-field.js';

/** Why a patch is illegal. */
export type PatchFault =
  | { readonly kind: 'rank'; readonly axes: readonly string[]; readonly given: number }
  | {
      readonly kind: 'size';
      readonly axis: string;
      readonly size: number;
      /** The nearest legal sizes, where there are such. */
      readonly below: number | undefined;
      readonly above: number | undefined;
      /** What asks for it: "the input fixes it", or the reason of a constraint. */
      readonly reason: string | undefined;
    };

/** The faults of a patch; none where the network can be run at it. */
export function checkPatch(network: Network, patch: readonly number[]): readonly PatchFault[] {
  const axes = spatialAxes(network);
  if (patch.length !== axes.length) return [{ kind: 'rank', axes, given: patch.length }];
  const faults = axes.flatMap((axis, index) => sizeFault(network, axis, patch[index] ?? 0));
  return faults.length > 0 ? faults : jointFaults(network, patchValues(network, patch));
}

/** A fault in words, after "it cannot be trained: ". */
export function patchReason(fault: PatchFault): string {
  if (fault.kind === 'rank') {
    return `it has the axes ${fault.axes.join(', ')} but the patch has ${counted(fault.given, 'size')}`;
  }
  const near = [fault.below, fault.above].filter((size) => size !== undefined);
  const are = near.length === 1 ? 'size is' : 'sizes are';
  const instead = near.length === 0 ? '' : `; the nearest legal ${are} ${near.join(' or ')}`;
  return `a patch size of ${fault.size} along \`${fault.axis}\` is illegal${instead}`;
}

/** Size along each axis where nothing else is said. */
export const usualSize = 64;

/** The patch to show a network at: 64 along each axis or the nearest legal size above, and what an input fixes. */
export function usualPatch(network: Network): readonly number[] {
  return spatialAxes(network).map((axis) => {
    const legal = legalOf(network, axis);
    if (legal === undefined) return usualSize;
    const { below, above } = nearestLegal(legal, usualSize);
    return above ?? below ?? usualSize;
  });
}

/** The sizes by axis name, as `evaluate` takes them. */
export function patchValues(network: Network, patch: readonly number[]): ReadonlyMap<string, number> {
  return new Map(spatialAxes(network).map((axis, index) => [axis, patch[index] ?? 0]));
}

function sizeFault(network: Network, axis: string, size: number): readonly PatchFault[] {
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

/** Why the axis cannot have that size: the first constraint on it alone that fails there. */
function reasonFor(network: Network, axis: string, size: number): string | undefined {
  const values = new Map([[axis, size]]);
  const unmet = network.constraints.find(({ left, right }) => {
    const names = new Set([...symbolsOf(left), ...symbolsOf(right)]);
    return names.size === 1 && names.has(axis) && evaluate(left, values) !== evaluate(right, values);
  });
  return unmet?.reason;
}

/** What each axis allows by itself may still not go together: constraints between axes. */
function jointFaults(network: Network, values: ReadonlyMap<string, number>): readonly PatchFault[] {
  const unmet = network.constraints.find(({ left, right }) => evaluate(left, values) !== evaluate(right, values));
  if (unmet === undefined) return [];
  const [axis = ''] = [...symbolsOf(unmet.left), ...symbolsOf(unmet.right)];
  const reason = `${unmet.reason}: ${formatSize(unmet.left)} must equal ${formatSize(unmet.right)}`;
  return [{ kind: 'size', axis, size: values.get(axis) ?? 0, below: undefined, above: undefined, reason }];
}
