import { createSource, type Span } from '../../grammar/source.js';
import type {
  Attributes,
  Axis,
  Constraint,
  Initial,
  LegalSizes,
  ModelInput,
  ModelOutput,
  Module,
  ModuleBlock,
  Network,
  Op,
  OpKind,
  Operand,
  Weight,
} from '../../compiler/ir/ir.js';
import { legalSizes } from '../../compiler/ir/legal-sizes.js';
import { inferShape, weightShapes } from '../../compiler/ir/ops/operations.js';
import { constant, symbol, type Size } from '../../compiler/shape/size.js';

const span: Span = { source: createSource('built.unet', ''), start: 0, end: 0 };

/** Per-axis lists of a cube: `times(3, 2)` is `[2, 2, 2]`. */
export function times<T>(rank: number, value: T): T[] {
  return Array.from({ length: rank }, () => value);
}

/** `x` with its axes called otherwise. */
export function renamed(operand: Operand, ...names: readonly string[]): Operand {
  return { ...operand, shape: operand.shape.map(({ size }, index) => ({ name: names[index] ?? '?', size })) };
}

interface OpOptions {
  readonly sharedWith?: string;
  readonly frozen?: boolean;
}

/** Writes networks by hand, for tests: every method adds one operation and gives its tensor. */
export class NetworkBuilder {
  readonly ops: Op[] = [];
  readonly constraints: Constraint[] = [];
  private readonly inputs: ModelInput[] = [];
  private readonly outputs: ModelOutput[] = [];
  private readonly modules: Module[] = [{ id: '', parent: undefined, block: undefined }];
  private currentStage = 'input';
  private currentModule = '';

  constructor(
    private readonly name = 'Built',
    private readonly doc?: string,
  ) {}

  stage(name: string): this {
    this.currentStage = name;
    return this;
  }

  /** Puts what `build` adds into a module, inside the one that is being built. */
  module<T>(id: string, block: ModuleBlock | undefined, build: () => T): T {
    const parent = this.currentModule;
    this.modules.push({ id, parent, block });
    this.currentModule = id;
    const made = build();
    this.currentModule = parent;
    return made;
  }

  image(name: string, channels: readonly string[], axes: readonly (string | readonly [string, number])[]): Operand {
    const described = axes.map((axis) =>
      typeof axis === 'string' ? { name: axis, size: undefined } : { name: axis[0], size: axis[1] },
    );
    this.inputs.push({ kind: 'image', name, channels, axes: described });
    const spatial = described.map((axis) => ({
      name: axis.name,
      size: axis.size === undefined ? symbol(axis.name) : constant(axis.size),
    }));
    const shape = [{ name: 'C', size: constant(channels.length) }, ...spatial];
    return this.push('input', name, { input: 'image' }, [], shape, true, [], {});
  }

  identifier(name: string, count: number): Operand {
    this.inputs.push({ kind: 'identifier', name, count });
    return this.push('input', name, { input: 'identifier' }, [], [], true, [], {});
  }

  param(
    id: string,
    axes: Readonly<Record<string, number>>,
    initial: Initial = { kind: 'constant', value: 1 },
  ): Operand {
    const shape = Object.entries(axes).map(([name, size]) => ({ name, size: constant(size) }));
    const weight: Weight = {
      id,
      name: 'value',
      shape: Object.values(axes),
      initial,
      trainable: true,
      fallback: false,
      usedWhen: undefined,
    };
    return this.push('param', id, {}, [], shape, false, [weight], {});
  }

  op<K extends OpKind>(
    kind: K,
    id: string,
    attributes: Attributes[K],
    operands: readonly Operand[],
    options: OpOptions = {},
  ): Operand {
    const shape = inferShape(kind, attributes, operands);
    const batched = operands.some((each) => each.batched);
    const owned = options.sharedWith === undefined ? weightShapes(kind, attributes, operands) : [];
    const weights = owned.map((each): Weight => ({
      ...each,
      id: `${id}.${each.name}`,
      initial: each.name === 'weight' ? { kind: 'uniform', bound: 0.25 } : { kind: 'constant', value: 0.5 },
      trainable: options.frozen !== true && each.statistic !== true,
      fallback: false,
      usedWhen: undefined,
    }));
    return this.push(kind, id, attributes, operands, shape, batched, weights, options);
  }

  conv(
    x: Operand,
    id: string,
    out: number,
    kernel: number,
    changes: Partial<Attributes['conv']> = {},
    options: OpOptions = {},
  ): Operand {
    const rank = x.shape.length - 1;
    const before = Math.floor((kernel - 1) / 2);
    const attributes = {
      out,
      kernel: times(rank, kernel),
      stride: times(rank, 1),
      dilation: times(rank, 1),
      pad: times(rank, [before, kernel - 1 - before] as const),
      groups: 1,
      bias: false,
    };
    return this.op('conv', id, { ...attributes, ...changes }, [x], options);
  }

  up(x: Operand, id: string, out: number): Operand {
    const rank = x.shape.length - 1;
    const pad = times(rank, [0, 0] as const);
    const window = { kernel: times(rank, 2), stride: times(rank, 2), pad, outputPad: times(rank, 0) };
    return this.op('transposed_conv', id, { out, ...window, groups: 1, bias: true }, [x]);
  }

  norm(x: Operand, id: string, groups: number): Operand {
    return this.op('group_norm', id, { groups, epsilon: 1e-5, affine: true }, [x]);
  }

  unary(x: Operand, id: string, name: Attributes['unary']['function'] = 'relu'): Operand {
    return this.op('unary', id, { function: name }, [x]);
  }

  pool(x: Operand, id: string): Operand {
    const rank = x.shape.length - 1;
    return this.op(
      'max_pool',
      id,
      { kernel: times(rank, 2), stride: times(rank, 2), pad: times(rank, [0, 0] as const) },
      [x],
    );
  }

  binary(operator: Attributes['binary']['operator'], id: string, left: Operand, right: Operand): Operand {
    return this.op('binary', id, { operator }, [left, right]);
  }

  equal(left: Size, right: Size, reason = 'a test'): this {
    this.constraints.push({ left, right, span, reason });
    return this;
  }

  output(name: string, labels: readonly string[], logits: Operand, auxiliary: readonly Operand[] = []): this {
    this.outputs.push({
      name,
      kind: 'classes',
      labels: labels.map((label, index) => ({ name: label, values: [index] })),
      op: logits.op,
      auxiliary: auxiliary.map(({ op }) => op),
    });
    return this;
  }

  network(changes: Partial<Network> = {}): Network {
    const free = this.inputs.flatMap((input) =>
      input.kind === 'image' ? input.axes.filter(({ size }) => size === undefined).map((axis) => axis.name) : [],
    );
    const legal = legalSizes(this.constraints, [...new Set(free)], this.ops);
    return {
      name: this.name,
      doc: this.doc,
      inputs: this.inputs,
      outputs: this.outputs,
      penalties: [],
      ops: this.ops,
      modules: this.modules,
      initial: {},
      constraints: this.constraints,
      legal: legal.filter((each): each is LegalSizes => each !== undefined),
      knobs: [],
      ...changes,
    };
  }

  private push<K extends OpKind>(
    kind: K,
    id: string,
    attributes: Attributes[K],
    operands: readonly Operand[],
    shape: readonly Axis[],
    batched: boolean,
    weights: readonly Weight[],
    { sharedWith }: OpOptions,
  ): Operand {
    const place = { stage: this.currentStage, module: this.currentModule, span };
    const op = { kind, id, attributes, operands, shape, batched, weights, sharedWith, ...place };
    // The fields agree with `kind` by this method's type; the union cannot be built from a type parameter.
    this.ops.push(op as unknown as Op);
    return { op: id, shape, batched };
  }
}
