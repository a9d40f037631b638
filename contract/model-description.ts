/**
 * What a generated module states about its network besides the layers: the data it takes and the labels it gives. It holds
 * only what the built model does not tell. The compiler writes it as a literal into the module; nothing else of the spec
 * reaches the runtime.
 */
import type { Initial, InitialRules } from './initial.js';

/**
 * `[channels, ...axes]` of an image, channels matched by name with the data set; or one integer per case, -1 for none.
 * `unused` is present if no operation of this variant uses the input: any values give the same result.
 */
export type InputDescription =
  | {
      readonly kind: 'image';
      readonly name: string;
      readonly channels: readonly string[];
      /** Spatial axes in order; `size` where the network works at that size alone. */
      readonly axes: readonly { readonly name: string; readonly size?: number }[];
      readonly unused?: true;
    }
  | { readonly kind: 'identifier'; readonly name: string; readonly count: number; readonly unused?: true };

/** `classes` exclude each other (softmax over labels, values 0 .. n - 1 by position); `regions` overlap (sigmoid). */
export interface OutputDescription {
  readonly name: string;
  readonly kind: 'classes' | 'regions';
  readonly labels: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** How many deep-supervision outputs follow this one in the model's list of outputs. */
  readonly auxiliary: number;
}

/** A weight of a built model under its stable id; shapes follow PyTorch (see the IR's `Weight`). */
export interface WeightDescription {
  readonly id: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  readonly trainable: boolean;
  /** Set for a running statistic: training moves it without a gradient, and it does not count as a parameter. */
  readonly statistic?: true;
  /**
   * Absent means always used. Otherwise the weight takes part only in batches where some case has (`given`) or lacks
   * (`not given`) that identifier, and is neither updated nor decayed in others.
   */
  readonly usedWhen?: { readonly input: string; readonly given: boolean };
}

/** Legal sizes of a spatial axis: first, first + step, first + 2 * step, ... */
export interface LegalSizeDescription {
  readonly axis: string;
  readonly first: number;
  readonly step: number;
}

export interface ModelDescription {
  readonly name: string;
  readonly inputs: readonly InputDescription[];
  /** In the model's order: each output, then its auxiliary ones. */
  readonly outputs: readonly OutputDescription[];
  /**
   * Names of the terms that the network adds to the loss. Their tensors follow the outputs in the model's list; the mean
   * of each, over the batch and all axes, is the term. They are computed in training only. Absent if there are none.
   */
  readonly penalties?: readonly string[];
  /** Rules for the initial values of weights, by kind of layer; PyTorch's defaults where absent. */
  readonly initial?: InitialRules;
  readonly legal: readonly LegalSizeDescription[];
}
