/** Settings that generated code passes to layers, in short forms for readability. */
import type { InitialConfig, SizeFormula } from '../layers/configs.js';

/** Names of axes, channels first: `"C D H W"`, or a list if a name contains a space. */
export type Axes = string | readonly string[];

/** One number for every spatial axis, or a list with one per axis. */
export type Size = number | readonly number[];

/**
 * Padding of a window. `"same"`: half of an odd kernel on both sides, none for a kernel that equals its stride. Otherwise
 * the number of voxels on both sides (of all axes or of each), or `[before, after]` of each axis.
 */
export type Padding = 'same' | Size | readonly (readonly [number, number])[];

/**
 * Settings of every layer with weights: `initial` overrides the model's rules, `trainable: false` freezes the weights.
 */
export interface WeightSettings {
  readonly initial?: InitialConfig;
  readonly trainable?: boolean;
}

export interface WindowSettings {
  readonly kernel: Size;
  /** Defaults to 1; for pools, to the kernel. */
  readonly stride?: Size;
  /** Defaults to none. */
  readonly pad?: Padding;
}

export interface ConvSettings extends WindowSettings, WeightSettings {
  readonly out: number;
  readonly dilation?: Size;
  readonly groups?: number;
  /** Defaults to none. */
  readonly bias?: boolean;
}

export type DepthwiseConvSettings = Omit<ConvSettings, 'out' | 'groups'>;
export interface TransposedConvSettings extends Omit<ConvSettings, 'dilation'> {
  /** Positions added at the end of each axis; defaults to none. */
  readonly outputPad?: Size;
}

export interface LinearSettings extends WeightSettings {
  readonly out: number;
  readonly bias?: boolean;
}

export interface NormSettings extends WeightSettings {
  /** Defaults to 1e-5. */
  readonly epsilon?: number;
  /** Whether it has a scale and a shift; defaults to true. */
  readonly affine?: boolean;
}

export interface GroupNormSettings extends NormSettings {
  readonly groups: number;
}

export interface BatchNormSettings extends NormSettings {
  /** The part of a batch's statistics in the new running ones; defaults to 0.1. */
  readonly momentum?: number;
  /**
   * Whether training uses the running statistics and leaves them unchanged; scale and shift are still trained. Defaults
   * to false.
   */
  readonly frozen?: boolean;
}

/** The operand's size times `scale`, rounded down; without `scale`, the size of the second operand. */
export interface ResizeSettings {
  readonly mode: 'linear' | 'nearest' | 'nearest_floor';
  readonly scale?: Size;
  /** For `linear`: whether the first and last positions of both sizes coincide; defaults to false. */
  readonly alignCorners?: boolean;
}

/** Defaults to the size of the second operand; `before` and `after` default to `amount`. */
export interface BorderSettings {
  readonly amount?: Size | readonly (readonly [number, number])[];
  readonly before?: Size;
  readonly after?: Size;
}

export interface PadSettings extends BorderSettings {
  /** Pads after each axis, up to the next multiple. */
  readonly multipleOf?: Size;
  /** The number of channels of the result: zeros are added, equally before and after. */
  readonly channels?: number;
  /** Defaults to `zeros`. */
  readonly mode?: 'zeros' | 'replicate' | 'reflect';
  readonly value?: number;
}

export interface PreluSettings extends WeightSettings {
  /** The initial slope; defaults to 0.25. */
  readonly slope?: number;
  /** Whether all channels share one slope; defaults to false. */
  readonly shared?: boolean;
}

export interface ReduceSettings {
  readonly over: Axes;
}

export interface MergeSettings {
  /** The axes that become one, the first varying slowest. */
  readonly axes: Axes;
  readonly into: string;
}

export interface SplitSettings {
  readonly axis: string;
  /** The axes to split into, the first varying slowest; null for the one whose size is inferred. */
  readonly into: { readonly [axis: string]: SizeFormula | null };
}

/** Elements of axes, with the indices of each. */
export interface TakeSettings {
  readonly axis: Axes;
  readonly indices: readonly (readonly number[])[];
}

/** A circular shift, as numpy.roll: one shift of all `axis`, or one of each. */
export interface RollSettings {
  readonly axis: Axes;
  readonly by: Size;
}

/** The names in `axes`, as a list. */
export function namesOf(axes: Axes): readonly string[] {
  return typeof axes === 'string' ? axes.split(' ').filter((name) => name !== '') : axes;
}

/** Expands a size to one number per axis. */
export function sizesOf(size: Size, rank: number): readonly number[] {
  return typeof size === 'number' ? Array.from({ length: rank }, () => size) : size;
}

/** Expands amounts to `[before, after]` per axis. */
export function amountsOf(pad: Exclude<Padding, 'same'>, rank: number): readonly (readonly [number, number])[] {
  if (typeof pad === 'number') return Array.from({ length: rank }, () => [pad, pad] as const);
  return pad.map((each) => (typeof each === 'number' ? ([each, each] as const) : each));
}

/** Like `amountsOf`, with the kernel that `"same"` refers to. */
export function paddingOf(
  pad: Padding,
  kernel: readonly number[],
  dilation: readonly number[],
): readonly (readonly [number, number])[] {
  if (pad !== 'same') return amountsOf(pad, kernel.length);
  return kernel.map((size, axis) => {
    const half = size % 2 === 1 ? (dilation[axis]! * (size - 1)) / 2 : 0;
    return [half, half] as const;
  });
}

/** Whether two sizes are equal on every axis; a single number applies to all axes. */
export function isEqual(left: Size, right: Size): boolean {
  if (typeof left === 'number') return typeof right === 'number' ? left === right : isEqual(right, left);
  const others = typeof right === 'number' ? left.map(() => right) : right;
  return left.length === others.length && left.every((size, axis) => size === others[axis]);
}
