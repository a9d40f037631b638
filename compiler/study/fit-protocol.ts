import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import type { Network } from '../ir/ir.js';
import { checkPatch, patchReason } from '../ir/patch.js';
import { spatialAxes } from '../ir/receptive-field.js';
import type { Protocol } from '../../contract/protocol.js';
import type { StudyModel } from './study.js';

type Fitted = Pick<StudyModel, 'patch' | 'unmatched'>;

/**
 * Determines the patch on which a network trains in a study: that of the protocol (UNET3066 if it is illegal), or for a
 * network declared unmatched the nearest legal one, with the differences (UNET4005 if there are none).
 */
export function fitProtocol(
  network: Network,
  protocol: Protocol,
  entrant: Pick<StudyModel, 'name' | 'kind' | 'span'> & { readonly unmatched: string | undefined },
): { readonly value: Fitted | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { size } = protocol.patch;
  const { name, unmatched, span } = entrant;
  const faults = checkPatch(network, size);
  const named = { name, protocol: protocol.name };
  if (unmatched === undefined) {
    const [fault] = faults;
    if (fault === undefined) return { value: { patch: size, unmatched: null }, diagnostics: [] };
    const help = `Change the patch, remove \`${name}\`, or declare it as unmatched: \`${name} unmatched "reason"\`.`;
    // Base and variants may differ only in knobs; otherwise the comparison would be meaningless.
    const extras = entrant.kind === 'rival' ? { help } : {};
    return {
      value: undefined,
      diagnostics: [report('UNET3066', { ...named, reason: patchReason(fault) }, span, extras)],
    };
  }
  const patch = nearestPatch(network, size);
  if (patch === undefined) {
    const [fault] = faults;
    const reason = fault === undefined ? 'it has no legal patch' : patchReason(fault);
    return { value: undefined, diagnostics: [report('UNET3066', { ...named, reason }, span)] };
  }
  const isSame = patch.join() === size.join();
  const differs = isSame ? [] : [`patch ${patch.join(' x ')}, not ${size.join(' x ')}`];
  return {
    value: { patch, unmatched: { reason: unmatched, differs } },
    diagnostics: isSame ? [report('UNET4005', named, span)] : [],
  };
}

/**
 * The nearest legal size along each axis, the larger if two are equally near; a network with fewer axes uses the last
 * sizes of the patch.
 */
function nearestPatch(network: Network, size: readonly number[]): readonly number[] | undefined {
  const axes = spatialAxes(network);
  if (axes.length > size.length) return undefined;
  const wanted = size.slice(-axes.length);
  const faults = checkPatch(network, wanted).filter((fault) => fault.kind === 'size');
  const patch = axes.map((axis, index) => {
    const fault = faults.find((each) => each.axis === axis);
    const own = wanted[index]!;
    if (fault === undefined) return own;
    const { below = -Infinity, above = Infinity } = fault;
    return above - own <= own - below ? above : below;
  });
  return checkPatch(network, patch).length === 0 ? patch : undefined;
}
