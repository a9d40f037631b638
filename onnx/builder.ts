import {
  isStatic,
  type AnyValue,
  type Attributes,
  type Constant,
  type ElementType,
  type Graph,
  type Node,
  type Numbers,
  type Size,
  type Value,
  type WeightConstant,
} from './graph.js';
import type { Target } from './target.js';

/** Constants of up to this many values are stored once for equal content. */
const SHARED_CONSTANT_SIZE = 64;

interface Output<S extends Size> {
  readonly shape: readonly S[];
  readonly type: ElementType;
}

/**
 * Builds a graph node by node, in order of execution. The same operator on the same operands becomes one node: the
 * formulations of a forward and a backward kernel may each ask for the statistics of a tensor, and the graph computes
 * them once.
 */
export class GraphBuilder {
  private readonly inputs: AnyValue[] = [];
  private readonly nodes: Node[] = [];
  private readonly constants = new Map<string, Constant>();
  private readonly weights = new Map<string, WeightConstant>();
  private readonly known = new Map<string, readonly AnyValue[]>();
  private readonly producers = new Map<string, Node>();
  private readonly names = new Set<string>();
  /** The next number to append to a name that is taken. */
  private readonly uses = new Map<string, number>();
  /** Id of the operation that nodes are named after. */
  scope = '';

  /** @param reserved names that nodes and constants must not use */
  constructor(
    readonly target: Target,
    reserved: readonly string[] = [],
  ) {
    for (const name of reserved) this.names.add(name);
  }

  /** An input under a name that is its own: nothing else in the graph may have it yet. */
  input<S extends Size>(name: string, shape: readonly S[], type: ElementType): Value<S> {
    const value = { name, shape, type };
    this.names.add(name);
    this.inputs.push(value);
    return value;
  }

  /** A constant that holds the weight `id`. */
  weight(id: string, shape: readonly number[]): Value {
    return this.once(`weight ${id} ${shape.join()}`, () => {
      const value: Value = { name: this.freeName(id), shape, type: 'float32' };
      this.weights.set(value.name, { name: value.name, id, shape });
      return [value];
    })[0] as Value;
  }

  constant(data: Numbers, shape: readonly number[]): Value {
    const create = (): readonly Value[] => {
      const value: Value = { name: this.freeName(`constant${this.constants.size}`), shape, type: typeOf(data) };
      this.constants.set(value.name, { value, data });
      return [value];
    };
    if (data.length > SHARED_CONSTANT_SIZE) return create()[0]!;
    return this.once(`constant ${typeOf(data)} ${shape.join()}: ${numbersText(data)}`, create)[0] as Value;
  }

  /** A float32 scalar. */
  scalar<S extends Size = number>(number: number): Value<S> {
    return this.constant(Float32Array.of(number), []) as Value<Size> as Value<S>;
  }

  /** A list of integers, as shapes, axes and indices are given. */
  integers(list: readonly number[], shape: readonly number[] = [list.length]): Value {
    return this.constant(BigInt64Array.from(list, BigInt), shape);
  }

  /** The numbers of a constant; undefined for computed values and weights. */
  numbersOf(value: AnyValue): Numbers | undefined {
    return this.constants.get(value.name)?.data;
  }

  producerOf(value: AnyValue): Node | undefined {
    return this.producers.get(value.name);
  }

  /** Position of the node that computes a value; -1 for inputs and constants. */
  positionOf(value: AnyValue): number {
    const producer = this.producerOf(value);
    return producer === undefined ? -1 : this.nodes.indexOf(producer);
  }

  /** The result of an operator without attributes, if the graph already has it. */
  existing<S extends Size>(op: string, inputs: readonly Value<S>[]): Value<S> | undefined {
    return this.known.get(keyOf(op, inputs, {}, 1, ''))?.[0] as Value<S> | undefined;
  }

  /** An operator with one result. */
  node<S extends Size>(
    op: string,
    inputs: readonly AnyValue[],
    output: Output<S>,
    attributes: Attributes = {},
    domain = '',
  ): Value<S> {
    return this.nodeWith(op, inputs, [output], attributes, domain)[0]!;
  }

  /** An operator with several results. */
  nodeWith<S extends Size>(
    op: string,
    inputs: readonly AnyValue[],
    outputs: readonly Output<S>[],
    attributes: Attributes = {},
    domain = '',
  ): readonly Value<S>[] {
    return this.once(keyOf(op, inputs, attributes, outputs.length, domain), () => {
      const values = outputs.map(({ shape, type }) => ({ name: this.freshName(op), shape, type }));
      this.add({ name: values[0]!.name, op, domain, inputs, outputs: values, attributes });
      return values;
    }) as readonly Value<S>[];
  }

  /** The same numbers under a name of their own, by default a new one. */
  copy<S extends Size>({ name, shape, type }: Value<S>, as = this.freshName('Identity')): Value<S> {
    const output = { name: as, shape, type };
    const inputs = [{ name, shape, type }];
    this.add({
      name: this.freshName('Identity'),
      op: 'Identity',
      domain: '',
      inputs,
      outputs: [output],
      attributes: {},
    });
    return output;
  }

  /** The number of nodes so far, for `since`. */
  get position(): number {
    return this.nodes.length;
  }

  /** Nodes added after a position was taken. */
  since(position: number): readonly Node[] {
    return this.nodes.slice(position);
  }

  /** The graph that computes `outputs`, in their order, without nodes, constants and inputs that they do not need. */
  finish<S extends Size>(outputs: readonly Value<S>[]): Graph<S> {
    const needed = new Set(outputs.map(({ name }) => name));
    const kept: Node[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some(({ name }) => needed.has(name))) continue;
      kept.push(node);
      for (const { name } of node.inputs) needed.add(name);
    }
    return {
      target: this.target,
      inputs: this.inputs.filter(({ name }) => needed.has(name)) as Value<S>[],
      outputs,
      nodes: kept.reverse(),
      constants: [...this.constants.values()].filter(({ value }) => needed.has(value.name)),
      weights: [...this.weights.values()].filter(({ name }) => needed.has(name)),
    };
  }

  private add(node: Node): void {
    this.nodes.push(node);
    for (const { name } of node.outputs) this.producers.set(name, node);
  }

  private once(key: string, create: () => readonly AnyValue[]): readonly AnyValue[] {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const values = create();
    this.known.set(key, values);
    return values;
  }

  private freshName(op: string): string {
    return this.freeName(this.scope === '' ? op : `${this.scope}/${op}`);
  }

  /** `wish`, with a number appended if that name is taken. */
  private freeName(wish: string): string {
    let name = wish;
    for (let use = this.uses.get(wish) ?? 2; this.names.has(name); use++) {
      name = `${wish}_${use}`;
      this.uses.set(wish, use + 1);
    }
    this.names.add(name);
    return name;
  }
}

function keyOf(op: string, inputs: readonly AnyValue[], attributes: Attributes, outputs: number, domain: string) {
  const names = inputs.map(({ name }) => name);
  return `${domain}.${op}${JSON.stringify(names)}${JSON.stringify(attributes)}${outputs}`;
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
export function isFilledWith(g: GraphBuilder, value: AnyValue, number: number): value is Value {
  const numbers = g.numbersOf(value);
  return numbers instanceof Float32Array && numbers.length > 0 && numbers.every((each) => each === number);
}

/** Whether the fastest formulation on the CPU provider applies, which needs sizes that are known. */
export function isTuned(g: GraphBuilder, x: AnyValue): x is Value {
  return g.target.provider === 'cpu' && isStatic(x);
}
