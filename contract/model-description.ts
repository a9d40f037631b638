/**
 * What a generated module says of its network besides the layers: the data it takes, the labels it gives, its weights.
 * The compiler writes it as a literal into the module; nothing else of the spec reaches the runtime.
 */

/** `[channels, ...axes]` of an image, channels matched by name with the data set; or one integer a case, -1 for none. */
export type InputDescription =
  | {
      readonly kind: 'image';
      readonly name: string;
      readonly channels: readonly string[];
      /** Spatial axes in order; `size` where the network works at that size alone. */
      readonly axes: readonly { readonly name: string; readonly size?: number }[];
      /** Present if no operation of this variant uses the image: any values give the same result. */
      readonly unused?: true;
    }
  | { readonly kind: 'identifier'; readonly name: string; readonly count: number };

/** `classes` exclude each other (softmax over labels, values 0 .. n - 1 by position); `regions` overlap (sigmoid). */
export interface OutputDescription {
  readonly name: string;
  readonly kind: 'classes' | 'regions';
  readonly labels: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** How many deep-supervision outputs follow this one in the model's list of outputs. */
  readonly auxiliary: number;
}

/** The distribution that a weight's initial values are drawn from, with every number worked out (fans included). */
export type InitialDescription =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'truncated_normal'; readonly deviation: number };

/** A weight under its stable id; shapes follow PyTorch (see the IR's `Weight`). */
export interface WeightDescription {
  readonly id: string;
  readonly shape: readonly number[];
  readonly initial: InitialDescription;
  /** Absent means trainable. */
  readonly trainable?: false;
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
  readonly weights: readonly WeightDescription[];
  readonly legal: readonly LegalSizeDescription[];
}
