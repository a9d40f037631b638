/**
 * The configurations that generated code passes to the runtime's layers: one per kind of operation, with the attribute
 * names of the IR. Axes are named channels first, without the batch; only the layers know the memory layout. Per-axis
 * lists follow the order of the operand's spatial axes (all axes except the first).
 */
import type { Initial, InitialRule } from '../../contract/initial.js';
import type { BinaryOperator, Reduction, ScalarOperator, UnaryFunction } from '../../contract/functions.js';

/** The name of every layer is the operation's id: weight ids are `<name>.<weight>`. */
export interface Named {
  readonly name: string;
}

/** How a layer's weights are initialised: a rule for all of them, or the initial values of each by its name. */
export type InitialConfig = InitialRule | { readonly [weight: string]: Initial };

/** A layer with weights; `trainable: false` freezes them, and `initial` overrides the model's rule. */
export interface Weighted extends Named {
  readonly trainable?: boolean;
  readonly initial?: InitialConfig;
}

/** `[before, after]` per spatial axis. */
export type Amounts = readonly (readonly [number, number])[];

export interface ParamConfig extends Weighted {
  /** `[]` is a scalar. */
  readonly shape: readonly number[];
}

export interface ConvConfig extends Weighted {
  readonly out: number;
  readonly kernel: readonly number[];
  /** Defaults to 1 on every axis; so does dilation. */
  readonly stride?: readonly number[];
  readonly dilation?: readonly number[];
  /** Defaults to no padding. */
  readonly pad?: Amounts;
  readonly groups?: number;
  readonly bias?: boolean;
}

export interface DepthwiseConvConfig extends Weighted {
  readonly kernel: readonly number[];
  readonly stride?: readonly number[];
  readonly dilation?: readonly number[];
  readonly pad?: Amounts;
  readonly bias?: boolean;
}

export interface TransposedConvConfig extends Weighted {
  readonly out: number;
  readonly kernel: readonly number[];
  readonly stride?: readonly number[];
  readonly pad?: Amounts;
  /** Defaults to none. */
  readonly outputPad?: readonly number[];
  readonly groups?: number;
  readonly bias?: boolean;
}

export interface LinearConfig extends Weighted {
  readonly out: number;
  readonly bias?: boolean;
}

/** For `maxPool` and `avgPool`. */
export interface PoolConfig extends Named {
  readonly kernel: readonly number[];
  /** Defaults to 1 on every axis. */
  readonly stride?: readonly number[];
  readonly pad?: Amounts;
}

export interface GroupNormConfig extends Weighted {
  readonly groups: number;
  /** Defaults to 1e-5. */
  readonly epsilon?: number;
  /** Whether it has weights; defaults to true. */
  readonly affine?: boolean;
}

/** For `instanceNorm` and `layerNorm`. */
export interface NormConfig extends Weighted {
  readonly epsilon?: number;
  readonly affine?: boolean;
}

export interface BatchNormConfig extends NormConfig {
  /** The part of a batch's statistics in the new running ones; defaults to 0.1. */
  readonly momentum?: number;
  /** Whether training uses the running statistics and leaves them unchanged; defaults to false. */
  readonly frozen?: boolean;
}

export interface UnaryConfig extends Named {
  readonly function: UnaryFunction;
  /** Of `leaky_relu`; defaults to 0.01. */
  readonly slope?: number;
}

export interface PreluConfig extends Weighted {
  /** The initial slope of every channel; defaults to 0.25. */
  readonly slope?: number;
  /** Whether all channels share one slope; defaults to false. */
  readonly shared?: boolean;
}

/** For layers that depend on axis names: the names of each operand's axes, channels first, operands in order. */
export interface WithAxes extends Named {
  readonly axes: readonly (readonly string[])[];
}

export interface SoftmaxConfig extends WithAxes {
  readonly over: readonly string[];
}

/** For `dropout` and `spatialDropout`. */
export interface DropoutConfig extends Named {
  readonly rate: number;
}

export interface ResizeConfig extends Named {
  readonly mode: 'linear' | 'nearest' | 'nearest_floor';
  /** Per spatial axis; absent with two operands. */
  readonly scale?: readonly number[];
  /** Defaults to false; for `linear` only. */
  readonly alignCorners?: boolean;
}

/** The output has the axes of the operand with more of them, in its order (of the first if both have equally many). */
export interface BinaryConfig extends WithAxes {
  readonly operator: BinaryOperator;
}

export interface ScalarConfig extends Named {
  readonly operator: ScalarOperator;
  readonly value: number;
  /** Puts the number on the left; defaults to false. */
  readonly reversed?: boolean;
}

export interface ReduceConfig extends WithAxes {
  readonly function: Reduction;
  readonly over: readonly string[];
}

/** Any number of operands; after the first, their other axes may be in another order. */
export type ConcatConfig = WithAxes;

export interface EinsumConfig extends WithAxes {
  readonly into: readonly string[];
}

export interface MergeConfig extends WithAxes {
  /** The IR's `axes`: those to merge, first slowest. */
  readonly merged: readonly string[];
  readonly into: string;
}

/** An integer, the size of an axis of an operand, or an expression of these. */
export type SizeFormula =
  | number
  | string
  | { readonly sum: readonly SizeFormula[] }
  | { readonly product: readonly SizeFormula[] }
  | { readonly floor: SizeFormula; readonly by: number };

/** The first operand is split; the others provide the axes that the sizes in `into` refer to. */
export interface SplitConfig extends WithAxes {
  readonly axis: string;
  /** First slowest; at most one size is null, which is inferred. */
  readonly into: readonly { readonly name: string; readonly size: SizeFormula | null }[];
}

export interface TransposeConfig extends WithAxes {
  readonly order: readonly string[];
}

/**
 * Operands: the table, the identifier, and optionally the value for a case without an identifier (zeros by default).
 */
export interface PickConfig extends Named {
  readonly count: number;
}

/** Amounts with one operand; omitted with two. */
export interface PadConfig extends Named {
  readonly amounts?: Amounts;
  /** With two operands, the amounts before; otherwise they are centred. */
  readonly before?: readonly number[];
  /** Pads after each axis, up to the next multiple. */
  readonly multipleOf?: readonly number[];
  /** The number of channels of the result; zeros are added on both sides. */
  readonly channels?: number;
  /** Defaults to `zeros`. */
  readonly mode?: 'zeros' | 'replicate' | 'reflect';
  /** With the mode `zeros`; defaults to 0. */
  readonly value?: number;
}

/** Amounts with one operand; omitted with two. */
export interface CropConfig extends Named {
  readonly amounts?: Amounts;
  /** With two operands, the amounts before; otherwise the centre is kept. */
  readonly before?: readonly number[];
}

export interface TakeConfig extends WithAxes {
  readonly parts: readonly { readonly axis: string; readonly indices: readonly number[] }[];
}

export interface ArangeConfig extends WithAxes {
  readonly axis: string;
}

export interface RollConfig extends WithAxes {
  readonly shifts: readonly { readonly axis: string; readonly by: number }[];
}
