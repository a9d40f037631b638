/**
 * A training protocol as plain data: what `protocol` in a spec lowers to, and what a run folder keeps as
 * `protocol.json`. Every value is explicit, defaults included. The runtime has its own schema of the same form.
 */
export interface Protocol {
  readonly name: string;
  readonly data: { readonly kind: 'msd'; readonly name: string } | null;
  readonly split:
    | { readonly kind: 'kfold'; readonly folds: number; readonly seed: number }
    | { readonly kind: 'cases'; readonly train: readonly string[]; readonly validation: readonly string[] };
  readonly patch: {
    readonly kind: 'random';
    /** Per spatial axis, in voxels. */
    readonly size: readonly number[];
    /** Up to `draws` patches are drawn until one holds more than `above` foreground voxels; null: the first is taken. */
    readonly foreground: { readonly draws: number; readonly above: number } | null;
  };
  readonly normalize: { readonly kind: 'zscore'; readonly over: 'nonzero' | 'all' } | { readonly kind: 'none' };
  readonly augment: readonly Augmentation[];
  readonly loss: readonly LossTerm[];
  /** How auxiliary predictions weigh: 1/2, 1/4, ... by level, or all alike; the sum of all weights is 1. */
  readonly deep: 'halving' | 'equal';
  readonly optimizer: {
    readonly kind: 'adamw';
    readonly lr: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    /** Largest global gradient norm; null: no clipping. */
    readonly clipNorm: number | null;
  };
  readonly schedule:
    | { readonly kind: 'constant' }
    /** From the optimiser's rate to `to` over the whole training: to + (lr - to) * (1 + cos(pi * t / T)) / 2. */
    | { readonly kind: 'cosine'; readonly to: number }
    /** lr * (1 - t / T) ^ power, nnU-Net's. */
    | { readonly kind: 'poly'; readonly power: number };
  /** An epoch is one pass over the training cases, a patch each; or a number of steps. */
  readonly length:
    { readonly kind: 'epochs'; readonly epochs: number } | { readonly kind: 'steps'; readonly steps: number };
  readonly batch: number;
  readonly validate: {
    readonly kind: 'sliding_window';
    readonly overlap: number;
    readonly blend: 'gaussian' | 'constant';
    /** In epochs, and after the last one; null: never. */
    readonly every: number | null;
  };
  readonly select: { readonly kind: 'last' } | { readonly kind: 'best'; readonly metric: 'mean_dice' };
  /** Where each identifier input's value comes from; an input not listed is given none. */
  readonly identify: readonly {
    readonly input: string;
    readonly source: { readonly kind: 'column'; readonly name: string } | { readonly kind: 'hash_case' };
  }[];
}

export type Augmentation =
  /** Each axis reversed with probability 1/2. */
  | { readonly kind: 'flip'; readonly axes: readonly string[] }
  /** Intensities times U(from, to), plus U(from, to): one draw per patch. */
  | { readonly kind: 'scale'; readonly from: number; readonly to: number }
  | { readonly kind: 'shift'; readonly from: number; readonly to: number }
  /** Gaussian noise of that deviation added to every voxel. */
  | { readonly kind: 'noise'; readonly deviation: number };

export type LossTerm =
  /** 1 - mean over classes (and cases) of (2 * sum(p * t) + smooth) / (sum(p) + sum(t) + smooth). */
  | { readonly kind: 'dice'; readonly weight: number; readonly smooth: number; readonly classes: 'foreground' | 'all' }
  /** Mean over voxels (binary, over regions, where the output has regions). */
  | { readonly kind: 'cross_entropy'; readonly weight: number };
