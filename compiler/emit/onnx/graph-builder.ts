import type { Attribute, Constant, Declared, ElementType, Node, OnnxGraph, Value, WeightConstant } from './graph.js';

/** Constants up to this many values are kept once. */
const sharedConstantSize = 64;

/**
 * Builds a graph node by node, in order of execution. Nodes and tensors are named after the operation of the network
 * they compute (`scope`). The same operator on the same tensors is made once.
 */
export class GraphBuilder {
  private readonly inputs: Declared[] = [];
  private readonly outputs: Declared[] = [];
  private readonly nodes: Node[] = [];
  private readonly constants: Constant[] = [];
  private readonly weights: WeightConstant[] = [];
  private readonly made = new Map<string, Value>();
  private readonly names = new Set<string>();
  /** Id of the operation under way. */
  scope = '';

  /** `reserved`: names that tensors of the graph must leave free. */
  constructor(reserved: readonly string[]) {
    for (const name of reserved) this.names.add(name);
  }

  /** An input or output has its name for itself: it is one of those reserved. */
  input(name: string, type: ElementType, shape: Declared['shape']): Value {
    this.inputs.push({ name, type, shape });
    return { name };
  }

  output(name: string, value: Value, shape: Declared['shape']): void {
    const node = this.freshName('Identity');
    this.nodes.push({ name: node, op: 'Identity', domain: '', inputs: [value], outputs: [{ name }], attributes: {} });
    this.outputs.push({ name, type: 'float32', shape });
  }

  /** The values of a weight, in `shape`. */
  weight(id: string, shape: readonly number[]): Value {
    return this.once(`weight ${id} ${shape.join()}`, () => {
      const name = this.freeName(id);
      this.weights.push({ name, id, shape });
      return { name };
    });
  }

  /** Float32 values. */
  floats(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant('float32', Float32Array.from(values), shape);
  }

  /** A float32 scalar. */
  scalar(value: number): Value {
    return this.floats([value], []);
  }

  /** A list of whole numbers, as shapes, axes and indices are given. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant('int64', BigInt64Array.from(values, BigInt), shape);
  }

  /** An operator with one result. */
  node(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const key = `${op}(${JSON.stringify(inputs.map(({ name }) => name))})${JSON.stringify(attributes)}`;
    return this.once(key, () => {
      const name = this.freshName(op);
      this.nodes.push({ name, op, domain: '', inputs, outputs: [{ name }], attributes });
      return { name };
    });
  }

  /** The graph, free of nodes, constants and inputs that no output needs. */
  finish(): OnnxGraph {
    const needed = new Set(this.outputs.map(({ name }) => name));
    const kept: Node[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some(({ name }) => needed.has(name))) continue;
      kept.push(node);
      for (const { name } of node.inputs) needed.add(name);
    }
    return {
      inputs: this.inputs.filter(({ name }) => needed.has(name)),
      outputs: this.outputs,
      nodes: kept.reverse(),
      constants: this.constants.filter(({ value }) => needed.has(value.name)),
      weights: this.weights.filter(({ name }) => needed.has(name)),
    };
  }

  private constant(type: ElementType, data: Constant['data'], shape: readonly number[]): Value {
    const make = (): Value => {
      const name = this.freeName(`constant${this.constants.length}`);
      this.constants.push({ value: { name, type, shape }, data });
      return { name };
    };
    if (data.length > sharedConstantSize) return make();
    return this.once(`constant ${type} ${shape.join()}: ${data.join()}`, make);
  }

  private once(key: string, make: () => Value): Value {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.made.set(key, value);
    return value;
  }

  private freshName(op: string): string {
    return this.freeName(`${this.scope}/${op}`);
  }

  /** `wish`, or with a number where that is taken. */
  private freeName(wish: string): string {
    let name = wish;
    for (let use = 2; this.names.has(name); use++) name = `${wish}_${use}`;
    this.names.add(name);
    return name;
  }
}
