import {
  sizeOf,
  type Attributes,
  type Constant,
  type ElementType,
  type Graph,
  type Node,
  type Numbers,
  type Value,
} from './value.js';

/** Constants up to this many values are told apart by their content and kept once. */
const SHARED_CONSTANT_SIZE = 64;

interface Output {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/**
 * Builds a graph node by node, in order of execution. The same operation on the same operands is made once: emitters of
 * a forward and a backward kernel may each ask for the statistics of a tensor, and the graph computes them once.
 */
export class GraphBuilder {
  private readonly inputs: Value[] = [];
  private readonly nodes: Node[] = [];
  private readonly constants = new Map<string, Constant>();
  private readonly known = new Map<string, readonly Value[]>();
  private readonly producers = new Map<string, Node>();
  private readonly constantsByContent = new Map<string, Value>();
  private count = 0;

  input(name: string, shape: readonly number[], type: ElementType): Value {
    const value = { name, shape, type };
    this.inputs.push(value);
    return value;
  }

  constant(data: Numbers, shape: readonly number[]): Value {
    const type = typeOf(data);
    const key = data.length > SHARED_CONSTANT_SIZE ? undefined : `${type} ${shape.join()}: ${numbersText(data)}`;
    const known = key === undefined ? undefined : this.constantsByContent.get(key);
    if (known !== undefined) return known;
    const value = { name: this.freshName('constant'), shape, type };
    this.constants.set(value.name, { value, data });
    if (key !== undefined) this.constantsByContent.set(key, value);
    return value;
  }

  /** A float32 scalar. */
  scalar(number: number): Value {
    return this.constant(Float32Array.of(number), []);
  }

  /** A list of whole numbers, as shapes, axes and indices are given. */
  integers(list: readonly number[]): Value {
    return this.constant(BigInt64Array.from(list, BigInt), [list.length]);
  }

  /** The numbers of a constant; undefined for what is computed. */
  numbersOf(value: Value): Numbers | undefined {
    return this.constants.get(value.name)?.data;
  }

  producerOf(value: Value): Node | undefined {
    return this.producers.get(value.name);
  }

  /** Place of the node that computes a value; -1 for inputs and constants. */
  positionOf(value: Value): number {
    const producer = this.producerOf(value);
    return producer === undefined ? -1 : this.nodes.indexOf(producer);
  }

  /** The result of an operation without attributes, where the graph has it already. */
  existing(op: string, inputs: readonly Value[]): Value | undefined {
    return this.known.get(keyOf(op, inputs, {}, 1, ''))?.[0];
  }

  /** An operation with one result. */
  node(op: string, inputs: readonly Value[], output: Output, attributes: Attributes = {}, domain = ''): Value {
    return this.nodeWith(op, inputs, [output], attributes, domain)[0]!;
  }

  /** An operation with several results. */
  nodeWith(
    op: string,
    inputs: readonly Value[],
    outputs: readonly Output[],
    attributes: Attributes = {},
    domain = '',
  ): readonly Value[] {
    const key = keyOf(op, inputs, attributes, outputs.length, domain);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const values = outputs.map(({ shape, type }) => ({ name: this.freshName(op), shape, type }));
    const node = { op, domain, inputs, outputs: values, attributes };
    this.nodes.push(node);
    this.known.set(key, values);
    for (const value of values) this.producers.set(value.name, node);
    return values;
  }

  /** The same numbers under a name of their own. */
  copy(value: Value): Value {
    const output = { name: this.freshName('copy'), shape: value.shape, type: value.type };
    const node = { op: 'Identity', domain: '', inputs: [value], outputs: [output], attributes: {} };
    this.nodes.push(node);
    this.producers.set(output.name, node);
    return output;
  }

  /** A place in the list of nodes, for `since`. */
  get position(): number {
    return this.nodes.length;
  }

  /** Nodes made after a position was taken. */
  since(position: number): readonly Node[] {
    return this.nodes.slice(position);
  }

  /** The graph that computes `outputs`, in their order. */
  finish(outputs: readonly Value[]): Graph {
    const needed = new Set(outputs.map(({ name }) => name));
    const kept: Node[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some(({ name }) => needed.has(name))) continue;
      kept.push(node);
      for (const { name } of node.inputs) needed.add(name);
    }
    return {
      inputs: this.inputs.filter(({ name }) => needed.has(name)),
      outputs,
      nodes: kept.reverse(),
      constants: [...this.constants.values()].filter(({ value }) => needed.has(value.name)),
    };
  }

  private freshName(stem: string): string {
    return `${stem}_${this.count++}`;
  }
}

function keyOf(op: string, inputs: readonly Value[], attributes: Attributes, outputs: number, domain: string): string {
  return `${domain}.${op}(${inputs.map(({ name }) => name).join()})${JSON.stringify(attributes)}${outputs}`;
}

function numbersText(data: Numbers): string {
  if (!(data instanceof Float32Array)) return data.join();
  return Array.from(data, (each) => (Object.is(each, -0) ? '-0' : String(each))).join();
}

function typeOf(data: Numbers): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof BigInt64Array ? 'int64' : 'bool';
}

/** Whether a value is a constant whose numbers are all `number`. */
export function isFilledWith(g: GraphBuilder, value: Value, number: number): boolean {
  const numbers = g.numbersOf(value);
  return numbers instanceof Float32Array && sizeOf(value.shape) > 0 && numbers.every((each) => each === number);
}
