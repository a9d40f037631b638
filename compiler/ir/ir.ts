/**
 * The intermediate representation: one network with its knobs bound, as a list of operations in the order they run.
 * Everything an output needs (code, report, diagram, export) is here; emitters read nothing else.
 *
 * Axes are named and channels come first; the batch is never written. Only the runtime's layers know how a tensor
 * lies in memory.
 */
import type { InitialRules } from '../../contract/initial.js';
import type { Span } from '../../grammar/source.js';
import type { Size } from '../shape/size.js';
import type { Attributes, OpKind } from './ops/operations.js';
import type { Operand, Shape, Weight } from './tensor.js';

export type { Axis, Initial, Operand, Padding, Shape, Weight } from './tensor.js';
export type { Attributes, OpKind } from './ops/operations.js';
export { sizesAsked } from './ops/axes.js';

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
  /** The arguments that were given. */
  readonly arguments: readonly BlockArgument[];
}

/** An argument of a block. */
export interface BlockArgument {
  readonly name: string;
  /** As the language prints it. */
  readonly value: string;
  /** Whether it repeats the number or truth value that the block declares as the parameter's default. */
  readonly isDefault: boolean;
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

/** Every weight of the network, in order of first use. */
export function weightsOf(network: Network): readonly Weight[] {
  return network.ops.flatMap((op) => op.weights);
}
