/** Element types of ONNX tensors that we use. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** A tensor of a graph: its name in the graph, its sizes (all known) and its element type. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** An attribute of a node: whole numbers, text, or a float, which JavaScript could not tell from a whole number. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly op: string;
  /** `''` for the standard operators, `com.microsoft` for onnxruntime's own. */
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export type Numbers = Float32Array | Int32Array | BigInt64Array | Uint8Array;

export interface Constant {
  readonly value: Value;
  readonly data: Numbers;
}

/** A whole graph in order of execution, free of nodes that no output needs. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
