import { nearestLegal } from '../compiler/ir/legal-sizes.js';
import type { Network } from '../compiler/ir/ir.js';
import { UsageError } from './exit.js';

/** Size along each axis where nothing else is said. */
const usualSize = 64;

/** The spatial axes of the network's image, with the size a spec fixes and the rule of legal sizes elsewhere. */
function imageAxes(network: Network) {
  const image = network.inputs.find((input) => input.kind === 'image');
  return image?.axes ?? [];
}

/**
 * A patch of legal sizes, in the order of the image's axes: the one asked for, or where none is, 64 along each axis (or
 * the nearest legal size above). An illegal one is bad usage; the message names the nearest legal sizes.
 */
export function legalPatch(network: Network, asked: readonly number[] | undefined): number[] {
  const axes = imageAxes(network);
  if (asked !== undefined && asked.length !== axes.length) {
    const names = axes.map((axis) => axis.name).join(', ');
    throw new UsageError(`--patch has ${asked.length} sizes, and \`${network.name}\` has the axes ${names}.`);
  }
  return axes.map((axis, index) => {
    const wanted = asked?.[index];
    if (axis.size !== undefined) {
      if (wanted === undefined || wanted === axis.size) return axis.size;
      throw new UsageError(`\`${network.name}\` works at ${axis.size} along \`${axis.name}\` alone, not at ${wanted}.`);
    }
    const rule = network.legal.find((each) => each.axis === axis.name);
    if (rule === undefined) return wanted ?? usualSize;
    const { below, above } = nearestLegal(rule, wanted ?? usualSize);
    if (wanted === undefined) return above ?? below ?? usualSize;
    if (below === wanted) return wanted;
    const nearest = [below, above].filter((size) => size !== undefined).join(' and ');
    throw new UsageError(
      `\`${network.name}\` cannot run on a patch of ${wanted} along \`${axis.name}\`.`,
      `the nearest legal sizes are ${nearest}`,
    );
  });
}
