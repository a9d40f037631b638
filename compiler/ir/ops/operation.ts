/**
 * What the compiler knows about one kind of operation. Each kind has exactly one definition, in this folder; everything
 * that differs between kinds is a field of it, and what is derived from them (shapes, costs, memory, checks, figures,
 * the language's layers and functions, their documentation) has no table of its own.
 *
 * Emitters and kernels are separate tables, because their code belongs to their targets: `generate/op-call.ts`,
 * `emit/onnx/operators.ts` and `runtime/layers`. The type checker holds each of them to `OpKind`.
 */
import type { Axis, Operand, Patch, Shape, ShapedOperand, WeightShape } from '../tensor.js';
import type { FunctionForm, Layer } from './layer.js';
import type { View } from './view.js';

/** One operation of a network as its definition sees it. */
export interface Instance<A> {
  readonly attributes: A;
  readonly operands: readonly Operand[];
  readonly shape: Shape;
}

/** Which gradients an operation must compute. */
export interface Gradients {
  /** For each operand, whether it gets a gradient. */
  readonly operands: readonly boolean[];
  /** Whether its weights, or the ones it shares, get a gradient. */
  readonly weights: boolean;
}

/** A tensor that the gradient needs: the operation's output, or the operand at that position. */
export type Kept = 'output' | number;

/** Sizes in bytes of the output and the largest operand. */
export interface TensorSizes {
  readonly own: number;
  readonly operand: number;
}

/** The kinds of layers that a figure distinguishes by colour. */
export type FigureKind =
  | 'convolution'
  | 'separable'
  | 'linear'
  | 'norm'
  | 'activation'
  | 'attention'
  | 'gate'
  | 'down'
  | 'up'
  | 'join'
  | 'dropout'
  | 'shape'
  | 'other';

/** The definition of a kind of operation with attributes `A`, emitted by the functions `F`. */
export interface Operation<A, F extends string = never> {
  /** The minimum and maximum number of operands. */
  readonly operands: readonly [number, number];
  /** The output shape, channels first and without the batch. Total for legal operands; throws for any others. */
  readonly shape: (attributes: A, operands: readonly ShapedOperand[]) => Shape;
  /** The weights it owns, in the order they are stored. */
  readonly weights: (attributes: A, operands: readonly ShapedOperand[]) => readonly WeightShape[];
  /** Multiply-accumulates for one case; `at` evaluates the sizes of a shape. */
  readonly macs: (op: Instance<A>, at: (shape: readonly Axis[]) => readonly number[]) => number;
  /** The region of the images that one output element sees. */
  readonly view: (op: Instance<A>, operands: readonly View[], patch: Patch) => View;
  /** The tensors that must be kept for the backward pass. */
  readonly keeps: (op: Instance<A>, gradients: Gradients) => readonly Kept[];
  /** Whether a random mask must be kept too: one number per element, or one per channel. */
  readonly mask: 'none' | 'elements' | 'channels';
  /** Additional bytes that the forward computation needs besides its result. */
  readonly forwardCopies: (sizes: TensorSizes) => number;
  /** Additional bytes that computing gradients needs besides the gradients themselves. */
  readonly backwardCopies: (sizes: TensorSizes, attributes: A) => number;
  /** Problems that the shape rule does not find, one sentence each; a sound network has none. */
  readonly problems: (op: Instance<A>) => readonly string[];
  /** The name of what it computes, if its kind stands for several functions: `gelu`, `add`. */
  readonly name: (attributes: A) => string | undefined;
  /** The kind that determines its colour in a figure. */
  readonly figure: (attributes: A) => FigureKind;
  /** How a figure colours a block that computes it, if that is what the block is known by: a gate for a sigmoid. */
  readonly block: (attributes: A) => FigureKind | undefined;
  /** A short label for a figure: `conv 3×3×3, stride 2`. Numbers of channels are shown in shapes. */
  readonly label: (op: Instance<A>) => string;
  /** The layers of the language that emit it, by name. */
  readonly layers: Readonly<Record<string, Layer<A>>>;
  /** The functions of the language that emit it, by name; `evaluate/functions` implements them. */
  readonly functions: Readonly<Record<F, FunctionForm>>;
}

/** The attributes of a definition. */
export type AttributesOf<D> = D extends Operation<infer A, infer _> ? A : never;

/** The functions of a definition. */
export type FunctionsOf<D> = D extends { readonly functions: Readonly<Record<infer F, FunctionForm>> } ? F : never;
