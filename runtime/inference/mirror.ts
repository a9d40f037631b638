import { reverseAxis } from '../data/augment.js';
import { UserError } from '../errors/user-error.js';
import type { WindowOutput } from './accumulator.js';
import type { Predict, WindowBatch } from './window-batch.js';

/** Returns every subset of some axes, the empty one first: the 2^n combinations of mirrored axes. */
function mirrorings(axes: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: 2 ** axes.length }, (_, bits) => axes.filter((_axis, index) => (bits >> index) & 1));
}

/** A copy of a batch whose windows are reversed along some spatial axes. */
function mirroredBatch({ inputs, identifiers }: WindowBatch, axes: readonly number[]): WindowBatch {
  const reversed = Object.entries(inputs).map(([name, { data, shape }]) => {
    const copy = data.slice();
    for (const axis of axes) reverseAxis(copy, shape, axis + 2);
    return [name, { data: copy, shape }] as const;
  });
  return { inputs: Object.fromEntries(reversed), identifiers };
}

/**
 * Wraps a network's prediction in test-time augmentation by mirroring: the mean of the logits of all 2^n combinations of
 * mirrored axes, each mirrored back, as nnU-Net does (Isensee et al. 2021). Every combination is a batch of the same
 * shape, so that a compiled engine runs one recorded computation.
 * @param axes spatial axes of the window, from 0; empty: `predict` itself
 * @param outputs with sizes for `patch`
 * @throws UserError UNET6088 if an output is smaller than the patch by an odd number of voxels along a mirrored axis:
 * mirrored back it would lie one voxel off
 */
export function mirroredPredict(
  predict: Predict,
  axes: readonly number[],
  patch: readonly number[],
  outputs: readonly WindowOutput[],
): Predict {
  if (axes.length === 0) return predict;
  for (const { name, size = patch } of outputs) requireCentred(name, axes, patch, size);
  const combinations = mirrorings(axes);
  const shapes = outputs.map(({ size = patch }) => size);
  return async (batch) => {
    const sums: Float32Array[] = [];
    for (const mirrored of combinations) {
      const given = await predict(mirrored.length === 0 ? batch : mirroredBatch(batch, mirrored));
      given.forEach((logits, index) => {
        const own = logits.slice();
        for (const axis of mirrored) reverseAxis(own, shapes[index]!, axis);
        const sum = sums[index];
        if (sum === undefined) sums[index] = own;
        else for (let i = 0; i < sum.length; i++) sum[i]! += own[i]!;
      });
    }
    for (const sum of sums) for (let i = 0; i < sum.length; i++) sum[i]! /= combinations.length;
    return sums;
  };
}

function requireCentred(
  name: string,
  axes: readonly number[],
  patch: readonly number[],
  size: readonly number[],
): void {
  const axis = axes.find((each) => (patch[each]! - size[each]!) % 2 !== 0);
  if (axis === undefined) return;
  throw new UserError(
    'UNET6088',
    `Predictions cannot be mirrored along axis ${axis + 1}: the network's output \`${name}\` has ${size[axis]} voxels for a patch of ${patch[axis]}, which cannot be centred.`,
    'Remove the axis from `mirror`, or choose a patch whose output is smaller by an even number of voxels.',
  );
}
