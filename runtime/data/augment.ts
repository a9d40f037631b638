import { UserError } from '../errors/user-error.js';
import type { Augmentation } from '../../contract/protocol.js';
import { type Random, randomStream } from '../random/random-stream.js';
import { didYouMean } from './names.js';

/** A patch before it enters a batch; changed in place. */
export interface PatchArrays {
  /** Each [C, ...spatial]. */
  readonly images: readonly Float32Array[];
  /** [...spatial]. */
  readonly target: Uint8Array;
  /** Spatial sizes, one per axis of the network. */
  readonly size: readonly number[];
  /** Names of those axes. */
  readonly axes: readonly string[];
}

/** Reverses one axis of an array whose last axes are `size`, for all leading axes. */
export function reverseAxis(data: Float32Array | Uint8Array, size: readonly number[], axis: number): void {
  const inner = size.slice(axis + 1).reduce((product, each) => product * each, 1);
  const length = size[axis] ?? 1;
  const block = inner * length;
  if (inner === 1) {
    for (let start = 0; start < data.length; start += block) data.subarray(start, start + block).reverse();
    return;
  }
  const row = data.slice(0, inner);
  for (let start = 0; start < data.length; start += block) {
    for (let low = 0, high = length - 1; low < high; low++, high--) {
      const a = start + low * inner;
      const b = start + high * inner;
      row.set(data.subarray(a, a + inner));
      data.copyWithin(a, b, b + inner);
      data.set(row, b);
    }
  }
}

function flip(patch: PatchArrays, names: readonly string[], random: Random): void {
  for (const name of names) {
    const axis = patch.axes.indexOf(name);
    if (random.uniform() >= 0.5) continue;
    for (const image of patch.images) reverseAxis(image, patch.size, axis);
    reverseAxis(patch.target, patch.size, axis);
  }
}

function between(random: Random, from: number, to: number): number {
  return from + (to - from) * random.uniform();
}

function apply(step: Augmentation, patch: PatchArrays, random: Random): void {
  switch (step.kind) {
    case 'flip':
      return flip(patch, step.axes, random);
    case 'scale': {
      const factor = between(random, step.from, step.to);
      for (const image of patch.images) for (let i = 0; i < image.length; i++) image[i] = (image[i] as number) * factor;
      return;
    }
    case 'shift': {
      const offset = between(random, step.from, step.to);
      for (const image of patch.images) for (let i = 0; i < image.length; i++) image[i] = (image[i] as number) + offset;
      return;
    }
    case 'noise':
      for (const image of patch.images) random.addNormals(image, step.deviation);
  }
}

/** @throws UserError UNET6026 if a flip names an axis that the network does not have */
export function checkAugmentation(steps: readonly Augmentation[], axes: readonly string[]): void {
  for (const step of steps) {
    const missing = step.kind === 'flip' ? step.axes.find((name) => !axes.includes(name)) : undefined;
    if (missing === undefined) continue;
    throw new UserError(
      'UNET6026',
      `Augmentation \`flip\` uses the axis \`${missing}\`, which the network does not have.`,
      didYouMean(missing, axes, `Its axes are ${axes.join(', ')}.`),
    );
  }
}

/**
 * Augments a patch in place, in the order of the protocol: flips reverse each named axis with probability 1/2 (images
 * and target together); scale and shift draw one number for the whole patch, all channels; noise is added to every
 * voxel, including those outside the head. Each step has its own stream, keyed by seed, case, training step and
 * position, so nothing depends on what was drawn for other cases or before a resumed run.
 */
export function augmentPatch(
  patch: PatchArrays,
  steps: readonly Augmentation[],
  seed: number,
  caseId: string,
  trainingStep: number,
): void {
  steps.forEach((step, position) => {
    apply(step, patch, randomStream(seed, 'augment', step.kind, position, caseId, trainingStep));
  });
}
