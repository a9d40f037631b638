import { nearestLegal } from '../compiler/ir/legal-sizes.js';
import { usualPatch } from '../compiler/ir/patch.js';
import type { Network } from '../compiler/ir/ir.js';
import { report } from '../grammar/diagnostics/registry.js';
import { exitCodes, Finished, UsageError } from './exit.js';
import { printDiagnostics, type CompiledSpec } from './spec.js';

/** The spatial axes of the network's image, with the size a spec fixes and the rule of legal sizes elsewhere. */
function imageAxes(network: Network) {
  const image = network.inputs.find((input) => input.kind === 'image');
  return image?.axes ?? [];
}

/**
 * A patch of legal sizes, in the order of the image's axes: the one asked for, or where none is, 64 along each axis (or
 * the nearest legal size above). An illegal one is UNET3016, with the nearest legal sizes.
 */
export function legalPatch(compiled: CompiledSpec, asked: readonly number[] | undefined): number[] {
  const { network } = compiled;
  const axes = imageAxes(network);
  if (asked !== undefined && asked.length !== axes.length) {
    const names = axes.map((axis) => axis.name).join(', ');
    throw new UsageError(`--patch has ${asked.length} sizes, and \`${network.name}\` has the axes ${names}.`);
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

function refuse(compiled: CompiledSpec, axis: string, size: number, legal: readonly (number | undefined)[]): never {
  const nearest = legal.filter((each) => each !== undefined).join(' and ');
  const { network, declaration } = compiled;
  printDiagnostics([report('UNET3016', { model: network.name, axis, size, nearest }, declaration.name.span)]);
  throw new Finished(exitCodes.diagnostics);
}
