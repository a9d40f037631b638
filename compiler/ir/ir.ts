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
  /** Stable, composed of the spec's names: `encoder.level2.main.convolution2.depthwise`. Unique in the model. */
  readonly id: string;
  readonly attributes: Attributes[K];
  readonly operands: readonly Operand[];
  readonly shape: Shape;
  readonly batched: boolean;
  /** Weights that this operation owns; empty for later uses of a shared layer. */
  readonly weights: readonly Weight[];
  /** Id of the operation whose weights this one uses, for a repeated application of a `shared` layer. */
  readonly sharedWith: string | undefined;
  /**
   * The part of the network it belongs to: `encoder.level2`, `decoder.up1`, `head.mask`; the name of a `let` in a free
   * body.
   */
  readonly stage: string;
  /** The module it belongs to: a key of `Network.modules`. */
  readonly module: string;
  readonly span: Span;
}

export type Op = { [K in OpKind]: OpBase<K> }[OpKind];

/** A model's input, which the data set must provide. */
export type ModelInput =
  | {
      readonly kind: 'image';
      readonly name: string;
      /** Modality names in channel order. */
      readonly channels: readonly string[];
      /** Spatial axes, with their sizes if the spec fixes them. */
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
  /** The operation that computes the logits `[labels, ...spatial]`. */
  readonly op: string;
  /** Deep-supervision predictions of the same labels, finest first. */
  readonly auxiliary: readonly string[];
}

/** A term of the loss that the network computes itself. It is part of training alone. */
export interface ModelPenalty {
  readonly name: string;
  /** The operation whose mean over the batch and all axes is added to the loss. */
  readonly op: string;
}

/** Two sizes that must be equal for a patch to be legal. */
export interface Constraint {
  readonly left: Size;
  readonly right: Size;
  readonly span: Span;
  /**
   * The origin of the constraint, as it appears in messages: "the skip and the upsampled tensor of decoder level 1".
   */
  readonly reason: string;
}

/** Legal sizes of a spatial axis: first, first + step, first + 2 * step, ...; a step of 0 allows only `first`. */
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
  /** Prefix of the ids of everything in it: `encoder.level2.main.convolution`. The model's own is empty. */
  readonly id: string;
  /** The enclosing module; undefined for the model. */
  readonly parent: string | undefined;
  /** The block that it is a use of; undefined if it is not a block. */
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
  readonly penalties: readonly ModelPenalty[];
  readonly ops: readonly Op[];
  /** The modules that contain operations, parents before children. */
  readonly modules: readonly Module[];
  /** The model's rules for initial values; kinds without one use PyTorch's defaults. */
  readonly initial: InitialRules;
  readonly constraints: readonly Constraint[];
  readonly legal: readonly LegalSizes[];
  /** The values of knobs, as the language prints them. */
  readonly knobs: readonly { readonly name: string; readonly value: string; readonly changed: boolean }[];
}

/** The operations that training reads, in the order of the built model: each output, its auxiliary ones, the penalties. */
export function resultsOf({ outputs, penalties }: Pick<Network, 'outputs' | 'penalties'>): readonly string[] {
  return [...outputs.flatMap(({ op, auxiliary }) => [op, ...auxiliary]), ...penalties.map(({ op }) => op)];
}

/** The operations that compute these results, in the network's order. */
export function opsFor({ ops }: Pick<Network, 'ops'>, results: readonly string[]): readonly Op[] {
  const needed = new Set(results);
  for (const op of ops.toReversed()) {
    if (needed.has(op.id)) for (const operand of op.operands) needed.add(operand.op);
  }
  return ops.filter(({ id }) => needed.has(id));
}

/** The operations that penalties alone need: they run in training only. */
export function penaltyOps(network: Network): ReadonlySet<string> {
  const others = new Set(opsFor(network, resultsOf({ ...network, penalties: [] })).map(({ id }) => id));
  const read = opsFor(
    network,
    network.penalties.map(({ op }) => op),
  );
  return new Set(read.flatMap(({ id, kind }) => (others.has(id) || kind === 'input' ? [] : [id])));
}

/** Every weight of the network, in order of first use. */
export function weightsOf(network: Network): readonly Weight[] {
  return network.ops.flatMap((op) => op.weights);
}
