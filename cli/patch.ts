import { nearestLegal } from '../compiler/ir/legal-sizes.js';
import { commonPatchOf, usualPatch } from '../compiler/ir/patch.js';
import { counted } from '../text/count.js';
import type { Network } from '../compiler/ir/ir.js';
import { report } from '../grammar/diagnostics/registry.js';
import { UsageError } from './exit.js';
import { diagnosticsError, type CompiledSpec } from './spec.js';

/** Returns the spatial axes of the image of the network, with their fixed sizes. */
function imageAxes(network: Network) {
  const image = network.inputs.find((input) => input.kind === 'image');
  return image?.axes ?? [];
}

/**
 * Returns a patch with legal sizes, in the order of the axes of the image: the requested one, or by default 64 along each axis (or
 * the nearest legal size above). An illegal one is UNET3016, with the nearest legal sizes.
 */
export function legalPatch(compiled: CompiledSpec, asked: readonly number[] | undefined): number[] {
  const { network } = compiled;
  const axes = imageAxes(network);
  if (asked !== undefined && asked.length !== axes.length) {
    const names = axes.map((axis) => axis.name).join(', ');
    throw new UsageError(
      `--patch has ${counted(asked.length, 'size')}, but \`${network.name}\` has the axes ${names}.`,
    );
  }
  if (asked === undefined) return [...usualPatch(network)];
  return axes.map((axis, index) => {
    const wanted = asked[index] ?? 0;
    if (axis.size !== undefined) {
      return wanted === axis.size ? axis.size : refuse(compiled, axis.name, wanted, [axis.size]);
    }
    const rule = network.legal.find((each) => each.axis === axis.name);
    if (rule === undefined) return wanted;
    const { below, above } = nearestLegal(rule, wanted);
    if (below === wanted) return wanted;
    return refuse(compiled, axis.name, wanted, [below, above]);
  });
}

/**
 * Returns a patch for each of two networks to compare: the requested one, which must be legal for both; else the smallest size of 64
 * or more along corresponding axes that is legal for both; else the default of each network.
 */
export function commonPatch(
  before: CompiledSpec,
  after: CompiledSpec,
  asked: readonly number[] | undefined,
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const own = { before: legalPatch(before, asked), after: legalPatch(after, asked) };
  if (asked !== undefined || own.before.join() === own.after.join()) return own;
  const common = commonPatchOf(before.network, after.network);
  return common === undefined ? own : { before: common, after: common };
}

function refuse(compiled: CompiledSpec, axis: string, size: number, legal: readonly (number | undefined)[]): never {
  const nearest = legal.filter((each) => each !== undefined).join(' and ');
  const { network, declaration } = compiled;
  throw diagnosticsError([report('UNET3016', { model: network.name, axis, size, nearest }, declaration.name.span)]);
}
