/**
 * The intermediate representation: one network with its knobs bound, as a list of operations in the order they run.
 * Everything an output needs (code, report, diagram, export) is here; emitters read nothing else.
 *
 * Axes are named and channels come first; the batch is never written. Only the runtime's layers know how a tensor
 * lies in memory.
 */
import type { Initial, InitialRules } from '../../contract/initial.js';
import type { Span } from '../../grammar/source.js';
import type { Size } from '../shape/size.js';

/** One axis of a tensor: its name where the tensor is used, and its (perhaps symbolic) size. */
export interface Axis {
  readonly name: string;
  readonly size: Size;
}

export type Shape = readonly Axis[];

/** A tensor that flows into an operation: which operation made it, and what its axes are called here. */
export interface Operand {
  /** Id of the operation that produced it. */
  readonly op: string;
  readonly shape: Shape;
  /** A `param` has no batch axis; what is computed from params alone has none either. */
  readonly batched: boolean;
}

export type { Initial };

/**
 * A trainable (or frozen) tensor. Shapes follow PyTorch: conv `[out, in / groups, ...kernel]`, transposed conv
 * `[in, out, ...kernel]`, linear `[out, in]`, norms and biases `[C]`.
 */
export interface Weight {
  /** `<op id>.weight`, or the op's own id for a `param`. Unique in the model; checkpoints use it. */
  readonly id: string;
  /** The last part of the id: `weight`, `bias`, `slope`; `value` for a `param`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  readonly trainable: boolean;
  /** Whether its block declares it a fallback, which may stay without a gradient. */
  readonly fallback: boolean;
  /** Set where the weight takes part only when an identifier is given (or not given) for some case of the batch. */
  readonly usedWhen: { readonly input: string; readonly given: boolean } | undefined;
}

/** `[before, after]` per spatial axis. */
export type Padding = readonly (readonly [number, number])[];

/** The functions of one number that the operation `unary` applies to each entry of a tensor. */
export const unaryFunctions = [
  'relu',
  'leaky_relu',
  'elu',
  'gelu',
  'silu',
  'sigmoid',
  'tanh',
  'softplus',
  'exp',
  'log',
  'sqrt',
  'abs',
  'negate',
] as const;

export type UnaryFunction = (typeof unaryFunctions)[number];

/**
 * The attributes of each kind of operation. Per-axis lists follow the order of the operand's spatial axes.
 * "Channels" is an operand's first axis, "spatial" all others.
 */
export interface Attributes {
  /** A model's image `[channels, ...spatial]` or its identifier (no axes; one integer a case, -1 for none). */
  input: { readonly input: 'image' | 'identifier' };
  /** A trainable tensor without batch; weight `value` under the op's own id. */
  param: Record<never, never>;
  /** y[o] = sum_c w[o, c] * x[c] (+ b[o]), cross-correlation as in PyTorch. Weights `weight`, `bias`. */
  conv: {
    readonly out: number;
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly dilation: readonly number[];
    readonly pad: Padding;
    readonly groups: number;
    readonly bias: boolean;
  };
  /** One filter a channel; `weight` is `[C, 1, ...kernel]`. */
  depthwise_conv: {
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly dilation: readonly number[];
    readonly pad: Padding;
    readonly bias: boolean;
  };
  /** The adjoint of a strided conv, size (n - 1) * stride - before - after + kernel. */
  transposed_conv: {
    readonly out: number;
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly pad: Padding;
    readonly bias: boolean;
  };
  /** y[o, ...] = sum_c w[o, c] x[c, ...] (+ b[o]); other axes are kept. */
  linear: { readonly out: number; readonly bias: boolean };
  /** No padding value enters the maximum; the average divides by the kernel's whole size. */
  max_pool: { readonly kernel: readonly number[]; readonly stride: readonly number[]; readonly pad: Padding };
  avg_pool: { readonly kernel: readonly number[]; readonly stride: readonly number[]; readonly pad: Padding };
  /** Statistics over spatial axes and the channels of each group, biased variance. `weight`, `bias` when affine. */
  group_norm: { readonly groups: number; readonly epsilon: number; readonly affine: boolean };
  /** Statistics over spatial axes, per channel. */
  instance_norm: { readonly epsilon: number; readonly affine: boolean };
  /** Statistics over channels, at each position. */
  layer_norm: { readonly epsilon: number; readonly affine: boolean };
  /** Elementwise; `gelu` is the erf form; `slope` belongs to `leaky_relu` alone. */
  unary: { readonly function: UnaryFunction; readonly slope?: number };
  /** max(x, 0) + slope[c] * min(x, 0); weight `slope` `[C]`. */
  prelu: Record<never, never>;
  /** exp(x) / sum(exp(x)), the sum over all axes of `over` together. */
  softmax: { readonly over: readonly string[] };
  /** Elementwise dropout, and dropout of whole channels; kept values are scaled by 1 / (1 - rate). */
  dropout: { readonly rate: number };
  spatial_dropout: { readonly rate: number };
  /**
   * Spatial resampling with half-pixel centres (`linear` is bi- or trilinear by rank). Two operands: to the second's
   * spatial sizes; one: by `scale` per axis, sizes floor(n * scale).
   */
  resize: { readonly mode: 'linear' | 'nearest'; readonly scale: readonly number[] | undefined };
  /** Two operands joined by axis name, the second's axes among the first's or the other way round; sizes equal or 1. */
  binary: { readonly operator: '+' | '-' | '*' | '/' | 'min' | 'max' };
  /** One operand and a number; `reversed` puts the number on the left. */
  scalar: { readonly operator: '+' | '-' | '*' | '/' | 'power'; readonly value: number; readonly reversed: boolean };
  reduce: { readonly function: 'mean' | 'sum' | 'max'; readonly over: readonly string[] };
  /** Joins operands along their first axis, in order. */
  concat: Record<never, never>;
  /** Sums the products over every axis `into` leaves out; two operands. The output's axes are in the order of `into`. */
  einsum: { readonly into: readonly string[] };
  /**
   * `axes` become one axis `into`, the first of `axes` varying slowest. It stands where the first of `axes` in the
   * operand stood; the rest keep their order.
   */
  merge: { readonly axes: readonly string[]; readonly into: string };
  /**
   * The inverse: `axis` becomes `into`, first slowest, in its place. Of the symbolic sizes, the last is worked out from the
   * others (`sizesAsked`), whose axes are those of the images that follow as operands.
   */
  split: { readonly axis: string; readonly into: readonly Axis[] };
  /** The operand's axes in another order. */
  transpose: { readonly order: readonly string[] };
  /**
   * Row of a table: operands are the table (a `param` `[count, ...]`), the identifier, and optionally the value for a
   * case without identifier. Output: the table's other axes, per case.
   */
  pick: { readonly count: number };
  /** Zeros (or `value`) around spatial axes; with two operands, equally around to the second's sizes (the odd one after). */
  pad: { readonly amounts: Padding | undefined; readonly value: number };
  /** Cuts from spatial axes; with two operands, the centre at the second's sizes (the odd one is cut after). */
  crop: { readonly amounts: Padding | undefined };
  /** Circular shift along named axes, as numpy.roll. */
  roll: { readonly shifts: readonly { readonly axis: string; readonly by: number }[] };
}

export type OpKind = keyof Attributes;

/** Fields every operation has, whatever its kind. */
export interface OpBase<K extends OpKind> {
  readonly kind: K;
  /** Stable, made of the spec's names: `encoder.level2.main.convolution2.depthwise`. Unique in the model. */
  readonly id: string;
  readonly attributes: Attributes[K];
  readonly operands: readonly Operand[];
  readonly shape: Shape;
  readonly batched: boolean;
  /** Weights this op owns; empty for the later uses of a shared layer. */
  readonly weights: readonly Weight[];
  /** Id of the op whose weights this one uses, for a `shared` layer applied again. */
  readonly sharedWith: string | undefined;
  /** The part of the network it belongs to: `encoder.level2`, `decoder.up1`, `head.mask`; a `let`'s name in a free body. */
  readonly stage: string;
  /** The module that it is part of: a key of `Network.modules`. */
  readonly module: string;
  readonly span: Span;
}

export type Op = { [K in OpKind]: OpBase<K> }[OpKind];

/** A model's input as the data side must provide it. */
export type ModelInput =
  | {
      readonly kind: 'image';
      readonly name: string;
      /** Modality names in channel order. */
      readonly channels: readonly string[];
      /** Spatial axes with their size where the spec fixes one. */
      readonly axes: readonly { readonly name: string; readonly size: number | undefined }[];
    }
  | { readonly kind: 'identifier'; readonly name: string; readonly count: number };

/** A label and the class values it covers (one value for `classes`, any number for `regions`). */
export interface OutputLabel {
  readonly name: string;
  readonly values: readonly number[];
}

export interface ModelOutput {
  readonly name: string;
  /** `classes` exclude each other (softmax), `regions` overlap (sigmoid). */
  readonly kind: 'classes' | 'regions';
  readonly labels: readonly OutputLabel[];
  /** The op that gives the logits `[labels, ...spatial]`. */
  readonly op: string;
  /** Deep-supervision predictions of the same labels, finest first. */
  readonly auxiliary: readonly string[];
}

/** Two sizes that must come out equal for a patch to be legal. */
export interface Constraint {
  readonly left: Size;
  readonly right: Size;
  readonly span: Span;
  /** What asks for it, in the words of a message: "the skip and the upsampled tensor of decoder level 1". */
  readonly reason: string;
}

/** Sizes a spatial axis may have: first, first + step, first + 2 * step, ...; a step of 0 means first alone. */
export interface LegalSizes {
  readonly axis: string;
  readonly first: number;
  readonly step: number;
}

/**
 * A part of the network that the spec names: a stage (`encoder.level2`), a block, a `let` of several operations, a copy of
 * a repeated layer. A block's module holds those of its lets, steps and inner blocks.
 */
export interface Module {
  /** What the ids of everything in it begin with: `encoder.level2.main.convolution`. The model's own is empty. */
  readonly id: string;
  /** The module around it; undefined for the model. */
  readonly parent: string | undefined;
  /** The block of which it is one use; undefined for a part that is not a block. */
  readonly block: ModuleBlock | undefined;
}

/** The block that a module is a use of. */
export interface ModuleBlock {
  readonly name: string;
  /** The arguments that were given, as the language prints them. */
  readonly arguments: readonly { readonly name: string; readonly value: string }[];
}

/** A checked network, ready for every emitter. */
export interface Network {
  readonly name: string;
  /** The spec's doc comment. */
  readonly doc: string | undefined;
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ModelOutput[];
  readonly ops: readonly Op[];
  /** The modules that have operations, each after the one around it. */
  readonly modules: readonly Module[];
  /** The model's rules for initial values; PyTorch's defaults for the rest. */
  readonly initial: InitialRules;
  readonly constraints: readonly Constraint[];
  readonly legal: readonly LegalSizes[];
  /** Knobs as bound, each as the language prints it. */
  readonly knobs: readonly { readonly name: string; readonly value: string; readonly changed: boolean }[];
}

/** The symbolic sizes of a split that must be known when it runs: all but the last. */
export function sizesAsked(into: readonly Axis[]): readonly Size[] {
  return into.flatMap(({ size }) => (size.kind === 'constant' ? [] : [size])).slice(0, -1);
}

/** Every weight of the network, in order of first use. */
export function weightsOf(network: Network): readonly Weight[] {
  return network.ops.flatMap((op) => op.weights);
}
