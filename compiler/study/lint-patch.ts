import type { Network } from '../ir/ir.js';
import { checkPatch, patchValues, usualPatch } from '../ir/patch.js';
import { spatialAxes } from '../ir/receptive-field.js';
import { constantOf, evaluate } from '../shape/size.js';

const largestTried = 256;

/**
 * Returns the smallest legal patch for the gradient lint on which no axis is reduced to a single voxel, because a
 * softmax or a norm over a single voxel blocks gradients. Falls back to the default patch if the network fixes its
 * size, or no such small patch is legal.
 */
export function lintPatch(network: Network): readonly number[] {
  const axes = spatialAxes(network);
  const free = network.ops.flatMap(({ shape }) =>
    shape.map(({ size }) => size).filter((size) => constantOf(size) === undefined),
  );
  for (let size = 2; size <= largestTried; size++) {
    const patch = axes.map(() => size);
    if (checkPatch(network, patch).length > 0) continue;
    const values = patchValues(network, patch);
    if (free.every((each) => evaluate(each, values) >= 2)) return patch;
  }
  return usualPatch(network);
}
