/** An ONNX graph as plain data. */
import type { Target } from './target.js';

/** Element types of ONNX tensors that we use. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** The size of an axis: a number, or a name for a size that is known only when the graph runs. */
export type Size = number | string;

/** The name of a size that nothing else in the graph has to match. */
export const unnamed = '?';

/** A tensor of a graph: its name in the graph, its sizes (all known, by default) and its element type. */
export interface Value<S extends Size = number> {
  readonly name: string;
  readonly shape: readonly S[];
  readonly type: ElementType;
}

/** A tensor whose sizes need not be known. */
export type AnyValue = Value<Size>;

/** An optional operand that is not given. */
export const absent: AnyValue = { name: '', shape: [], type: 'float32' };

/** An attribute of a node: integers, a string, or a float, which JavaScript could not tell from an integer. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly name: string;
  readonly op: string;
  /** `''` for the standard operators, `com.microsoft` for onnxruntime's own. */
  readonly domain: string;
  readonly inputs: readonly AnyValue[];
  readonly outputs: readonly AnyValue[];
  readonly attributes: Attributes;
}

export type Numbers = Float32Array | Int32Array | BigInt64Array | Uint8Array;

export interface Constant {
  readonly value: Value;
  readonly data: Numbers;
}

/** A float32 constant that holds a trained weight, row-major as the weight has it. The encoder's caller adds the values. */
export interface WeightConstant {
  readonly name: string;
  /** The weight's id. */
  readonly id: string;
  /** The weight's own shape, with axes of size 1 added. */
  readonly shape: readonly number[];
}

/** A whole graph, nodes in order of execution, without nodes that no output needs. */
export interface Graph<S extends Size = number> {
  readonly target: Target;
  readonly inputs: readonly Value<S>[];
  readonly outputs: readonly Value<S>[];
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
  readonly weights: readonly WeightConstant[];
}

/** A graph with the name, documentation and metadata of its ONNX file. */
export interface OnnxModel {
  readonly name: string;
  readonly doc: string;
  readonly graph: Graph<Size>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function isStatic(value: AnyValue): value is Value {
  return value.shape.every((size) => typeof size === 'number');
}

/** The number of values in a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

export function sameShape(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A size computed from another; unnamed if that is not known. */
export function derived<S extends Size>(size: S, compute: (size: number) => number): S {
  return (typeof size === 'number' ? compute(size) : unnamed) as S;
}
