/** The augmentations that the word `nnunet` stands for. */
import type { Augmentation } from '../../../contract/protocol.js';

/** A patch with a larger ratio of its sides is augmented in its slices only. */
const ANISOTROPIC = 3;
/** A slice with a larger ratio of its sides is rotated by at most 15 degrees. */
const ELONGATED = 1.5;

type Spatial = Augmentation & { readonly kind: 'rotate' | 'zoom' };

function ratio(size: readonly number[]): number {
  return Math.max(...size) / Math.min(...size);
}

/** Rotation about some axes (null: all) and zoom along those between which it turns. */
function spatial(degrees: number, about: readonly string[] | null, axes: readonly string[] | null): readonly Spatial[] {
  return [
    { kind: 'rotate', from: -degrees, to: degrees, about, chance: 0.2 },
    // nnU-Net's factor, uniform from 0.7 to 1.4, is that of the extent read: above 1 it makes objects smaller.
    { kind: 'zoom', from: 1 / 1.4, to: 1 / 0.7, axes, chance: 0.2 },
  ];
}

/**
 * Returns nnU-Net's default augmentations for a patch (`get_training_transforms` of nnUNetTrainer and
 * `configure_rotation_dummyDA_mirroring_and_inital_patch_size`, commit 0e495086), in its order. A 3-D patch whose longest
 * side is more than three times its shortest is rotated, zoomed and sampled more coarsely only in the slices across the
 * shortest (nnU-Net's dummy 2-D augmentation, in which the first axis is the one of the largest spacing).
 * @param size of the patch, one per axis
 */
export function nnunetSteps(size: readonly number[], axes: readonly string[]): readonly Augmentation[] {
  const shortest = size.indexOf(Math.min(...size));
  const flat = size.length === 3 && ratio(size) > ANISOTROPIC;
  const inPlane = flat ? axes.filter((_, axis) => axis !== shortest) : null;
  const moved = flat
    ? spatial(180, [axes[shortest]!], inPlane)
    : spatial(size.length === 3 ? 30 : ratio(size) > ELONGATED ? 15 : 180, null, null);
  return [
    ...moved,
    { kind: 'noise', from: 0, to: 0.1, chance: 0.1 },
    { kind: 'blur', from: 0.5, to: 1, chance: 0.2, perChannel: 0.5 },
    { kind: 'brightness', from: 0.75, to: 1.25, chance: 0.15, perChannel: 1 },
    { kind: 'contrast', from: 0.75, to: 1.25, chance: 0.15, perChannel: 1 },
    { kind: 'low_resolution', from: 0.5, to: 1, axes: inPlane, chance: 0.25, perChannel: 0.5 },
    { kind: 'gamma', from: 0.7, to: 1.5, invert: 1, statistics: 'kept', chance: 0.1, perChannel: 1 },
    { kind: 'gamma', from: 0.7, to: 1.5, invert: 0, statistics: 'kept', chance: 0.3, perChannel: 1 },
    { kind: 'flip', axes, chance: 0.5 },
    { kind: 'mask' },
  ];
}
