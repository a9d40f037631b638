import { UserError } from '../errors/user-error.js';
import type { Augmentation } from '../../contract/protocol.js';
import { type Random, randomStream } from '../random/random-stream.js';
import { blur } from './augment/blur.js';
import { aroundOne, between, happens } from './augment/draw.js';
import { changeContrast, changeGamma, rescale } from './augment/intensity.js';
import { lowerResolution } from './augment/low-resolution.js';
import { nnunetSteps } from './augment/nnunet.js';
import { isSpatial } from './augment/spatial.js';
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

/** A step that is not part of the interpolation. */
type Change = Exclude<Augmentation, { readonly kind: 'rotate' | 'zoom' | 'elastic' | 'nnunet' }>;

/** Reverses an axis of all arrays of a patch. */
function flip(patch: PatchArrays, outside: Uint8Array | undefined, axis: number): void {
  for (const image of patch.images) reverseAxis(image, patch.size, axis);
  reverseAxis(patch.target, patch.size, axis);
  if (outside !== undefined) reverseAxis(outside, patch.size, axis);
}

function channelsOf({ images, target }: PatchArrays): readonly Float32Array[] {
  const voxels = target.length;
  return images.flatMap((image) =>
    Array.from({ length: image.length / voxels }, (_, k) => image.subarray(k * voxels, (k + 1) * voxels)),
  );
}

/** Marks the voxels that are 0 in every channel; undefined if none is. */
function outsideOf(patch: PatchArrays): Uint8Array | undefined {
  const outside = new Uint8Array(patch.target.length).fill(1);
  for (const channel of channelsOf(patch))
    for (let i = 0; i < channel.length; i++) outside[i]! &= Number(channel[i] === 0);
  return outside.includes(1) ? outside : undefined;
}

function clear(patch: PatchArrays, outside: Uint8Array): void {
  for (const channel of channelsOf(patch))
    for (let i = 0; i < channel.length; i++) if (outside[i] === 1) channel[i] = 0;
}

function apply(step: Change, patch: PatchArrays, random: Random, outside: Uint8Array | undefined): void {
  if (step.kind === 'flip') {
    for (const name of step.axes) if (random.uniform() < step.chance) flip(patch, outside, patch.axes.indexOf(name));
  } else if (step.kind === 'mask') {
    if (outside !== undefined) clear(patch, outside);
  } else if (happens(random, step.chance)) {
    if ('perChannel' in step) changeChannels(step, patch, random);
    else changeAll(step, patch, random);
  }
}

type OfChannels = Extract<Change, { readonly perChannel: number }>;

/** Changes all channels alike. */
function changeAll(
  step: Exclude<Change, OfChannels | { readonly kind: 'flip' | 'mask' }>,
  { images }: PatchArrays,
  random: Random,
): void {
  const value = between(random, step);
  for (const image of images) {
    if (step.kind === 'scale') rescale(image, value, 0);
    else if (step.kind === 'shift') rescale(image, 1, value);
    else random.addNormals(image, value);
  }
}

function changeChannels(step: OfChannels, patch: PatchArrays, random: Random): void {
  for (const channel of channelsOf(patch)) if (happens(random, step.perChannel)) change(step, patch, channel, random);
}

/** Changes one channel; each draws numbers of its own. */
function change(step: OfChannels, { size, axes }: PatchArrays, channel: Float32Array, random: Random): void {
  switch (step.kind) {
    case 'blur':
      return blur(
        channel,
        size,
        size.map(() => between(random, step)),
      );
    case 'brightness':
      return rescale(channel, aroundOne(random, step), 0);
    case 'contrast':
      return changeContrast(channel, aroundOne(random, step));
    case 'low_resolution': {
      const factor = between(random, step);
      const lowered = step.axes ?? axes;
      return lowerResolution(
        channel,
        size,
        axes.map((axis) => (lowered.includes(axis) ? factor : 1)),
      );
    }
    case 'gamma':
      return changeGamma(channel, aroundOne(random, step), happens(random, step.invert), step.statistics === 'kept');
  }
}

/** The axes that a step names. */
function namedAxes(step: Augmentation): readonly string[] {
  if (step.kind === 'rotate') return step.about ?? [];
  return 'axes' in step ? (step.axes ?? []) : [];
}

/** @throws UserError UNET6026 if a step names an axis that the network does not have, or that it cannot turn about */
export function checkAugmentation(steps: readonly Augmentation[], axes: readonly string[]): void {
  for (const step of steps) {
    if (step.kind === 'rotate' && step.about !== null && axes.length < 3) {
      throw new UserError(
        'UNET6026',
        `Augmentation \`rotate\` cannot rotate a patch with the axes ${axes.join(', ')} about \`${step.about.join('`, `')}\`.`,
        'Remove `about`: a 2-D patch is rotated in its plane.',
      );
    }
    const missing = namedAxes(step).find((name) => !axes.includes(name));
    if (missing === undefined) continue;
    throw new UserError(
      'UNET6026',
      `Augmentation \`${step.kind}\` uses the axis \`${missing}\`, which the network does not have.`,
      didYouMean(missing, axes, `Its axes are ${axes.join(', ')}.`),
    );
  }
}

/** Returns a list with the steps that `nnunet` stands for. */
export function expandSteps(
  steps: readonly Augmentation[],
  size: readonly number[],
  axes: readonly string[],
): readonly Augmentation[] {
  return steps.flatMap((step) => (step.kind === 'nnunet' ? nnunetSteps(size, axes) : [step]));
}

/**
 * The random numbers of the steps of a list: each has its own stream, keyed by seed, case, training step and position,
 * so nothing depends on what was drawn for other cases or before a resumed run.
 */
export function streamsOf(
  steps: readonly Augmentation[],
  seed: number,
  caseId: string,
  trainingStep: number,
): (position: number) => Random {
  return (position) => randomStream(seed, 'augment', steps[position]!.kind, position, caseId, trainingStep);
}

/**
 * Augments a patch in place, in the order of the list, without the steps that are part of its interpolation
 * (`drawSpatial`): flips reverse each named axis (images and target together); scale and shift draw one number for the
 * whole patch, all channels; noise is added to every voxel, including those outside the head.
 * @param steps as `expandSteps` returns them
 */
export function augmentPatch(
  patch: PatchArrays,
  steps: readonly Augmentation[],
  streams: (position: number) => Random,
): void {
  const outside = steps.some(({ kind }) => kind === 'mask') ? outsideOf(patch) : undefined;
  steps.forEach((step, position) => {
    if (isSpatial(step) || step.kind === 'nnunet') return;
    apply(step, patch, streams(position), outside);
  });
}
