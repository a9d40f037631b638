import { nearestLegal } from '../../../compiler/ir/legal-sizes.js';
import type { Network } from '../../../compiler/ir/ir.js';

/** A patch that a network allows: about `size` along each free axis. */
export function patchOf(network: Network, size = 64): number[] {
  const image = network.inputs.find((input) => input.kind === 'image');
  if (image?.kind !== 'image') throw new Error('no image');
  return image.axes.map((axis) => {
    const rule = network.legal.find((each) => each.axis === axis.name);
    return axis.size ?? (rule === undefined ? size : (nearestLegal(rule, size).above ?? size));
  });
}
