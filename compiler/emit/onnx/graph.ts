/** An ONNX graph as plain data. Weights stand in it by their ids alone; whoever encodes it adds their values. */

export type ElementType = 'float32' | 'int64';

/** A tensor by its name in the graph. */
export interface Value {
  readonly name: string;
}

/** An attribute of a node: whole numbers, text, or a float, which JavaScript could not tell from a whole number. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

export interface Node {
  readonly name: string;
  /** A standard operator, and so of the domain `''`. */
  readonly op: string;
  readonly domain: '';
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A tensor with its sizes: numbers, or names where a size is known only when data comes. */
export interface Declared extends Value {
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface Constant {
  readonly value: { readonly name: string; readonly type: ElementType; readonly shape: readonly number[] };
  readonly data: Float32Array | BigInt64Array;
}

/** A float32 constant whose values are those of a weight, row-major as the weight has them. */
export interface WeightConstant {
  readonly name: string;
  /** Of the weight. */
  readonly id: string;
  /** As many values as the weight has; its own shape, but for axes of size 1. */
  readonly shape: readonly number[];
}

/** A whole graph, nodes in order of execution. */
export interface OnnxGraph {
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
  readonly weights: readonly WeightConstant[];
}

/** What an ONNX file says besides the values of its weights. */
export interface OnnxModel {
  readonly name: string;
  readonly doc: string;
  /** Version of the standard operators. */
  readonly opset: number;
  readonly graph: OnnxGraph;
  /** Of the file: texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}
