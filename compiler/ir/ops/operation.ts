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

/** One operation of a network as the rules of its kind see it. */
export interface Instance<A> {
  readonly attributes: A;
  readonly operands: readonly Operand[];
  readonly shape: Shape;
}

/** Which gradients an operation has to compute. */
export interface Gradients {
  /** Whether each operand gets one. */
  readonly operands: readonly boolean[];
  /** Whether its weights, or those it shares, get one. */
  readonly weights: boolean;
}

/** A tensor that the gradient is computed from: the operation's output, or the operand at that place. */
export type Kept = 'output' | number;

/** Bytes of the output, and of the largest operand. */
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

/** Everything the compiler knows about a kind of operation with the attributes `A`, which the functions `F` emit. */
export interface Operation<A, F extends string = never> {
  /** The minimum and maximum number of operands. */
  readonly operands: readonly [number, number];
  /** The output shape, channels first and without the batch. Total for legal operands; throws for any others. */
  readonly shape: (attributes: A, operands: readonly ShapedOperand[]) => Shape;
  /** The weights it owns, in the order they are stored. */
  readonly weights: (attributes: A, operands: readonly ShapedOperand[]) => readonly WeightShape[];
  /** Multiplications with an addition for one case; `at` evaluates the sizes of a shape. */
  readonly macs: (op: Instance<A>, at: (shape: readonly Axis[]) => readonly number[]) => number;
  /** What one element of the output sees of the images. */
  readonly view: (op: Instance<A>, operands: readonly View[], patch: Patch) => View;
  /** The tensors that stay until the backward pass has used them. */
  readonly keeps: (op: Instance<A>, gradients: Gradients) => readonly Kept[];
  /** A mask of random zeros that stays too: one number per element, or one per channel. */
  readonly mask: 'none' | 'elements' | 'channels';
  /** Bytes that the forward formulation takes besides its result. */
  readonly forwardCopies: (sizes: TensorSizes) => number;
  /** Bytes that the gradients take besides those of the operands. */
  readonly backwardCopies: (sizes: TensorSizes, attributes: A) => number;
  /** Problems that the shape rule does not find, one sentence each; a sound network has none. */
  readonly problems: (op: Instance<A>) => readonly string[];
  /** How a figure colours it. */
  readonly figure: (attributes: A) => FigureKind;
  /** How a figure colours a block that computes it, if that is what the block is known by: a gate for a sigmoid. */
  readonly block: (attributes: A) => FigureKind | undefined;
  /** A few words for a figure: `conv 3×3×3, stride 2`. Numbers of channels are left to shapes. */
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
