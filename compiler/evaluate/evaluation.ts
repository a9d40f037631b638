import type { BlockNode, Expression, NameNode } from '../../grammar/ast.js';
import type { Diagnostic, DiagnosticExtras, Label } from '../../grammar/diagnostics/diagnostic.js';
import { report, type DiagnosticCode, type PartsOf } from '../../grammar/diagnostics/registry.js';
import type { Span } from '../../grammar/source.js';
import type { Symbol } from '../bind/symbol.js';
import type {
  Attributes,
  Axis,
  Constraint,
  Initial,
  Module,
  ModuleBlock,
  Op,
  OpKind,
  Operand,
  Shape,
  Weight,
} from '../ir/ir.js';
import { inferShape, weightShapes } from '../ir/ops/operations.js';
import {
  add,
  constant,
  constantOf,
  evaluate as evaluateSize,
  floorDivide,
  formatSize,
  sameSize,
  scale,
  symbolsOf,
  type Size,
} from '../shape/size.js';
import { Applications, type BlockUse } from './block-use.js';
import { depthLimit, extentLimit, isWithinLimits, operationLimit, stepLimit } from './limits.js';
import { nameSteps, type StepNames } from './naming.js';
import { describeShared, describeWeights, recordShared, sharedHelp, takeShared, type SharedUse } from './sharing.js';
import { Trace } from './trace.js';
import {
  errorValue,
  formatShape,
  type ChoiceValue,
  type ErrorValue,
  type LayerValue,
  type TensorValue,
  type Value,
} from './values.js';

/** The context in which text is evaluated: the values of its names and the module its operations belong to. */
export interface Frame {
  readonly values: Map<Symbol, Value>;
  /** Sizes of axes where they were introduced; undefined if sizes are unknown. */
  readonly axes: Map<string, Size | undefined>;
  /** Axes introduced more than once with different sizes: they cannot be used as numbers. */
  readonly ambiguous: Map<string, readonly Size[]>;
  /** The axes that `...S` stands for. */
  readonly groups: Map<string, readonly Axis[] | undefined>;
  /** Prefix of the ids of operations created here. */
  readonly prefix: string;
  readonly stage: string;
  /** Id of the module that these operations belong to. */
  readonly module: string;
  /** The block use, or the part of the model, that this text belongs to. */
  readonly use: BlockUse;
  readonly names: StepNames;
  /** Abstract evaluation: no operations are created and sizes are unknown; only names and types are checked. */
  readonly abstract: boolean;
  /** The chain of uses that led here, innermost first. */
  readonly via: readonly Label[];
  readonly depth: number;
}

/** The application of a layer to tensors at one place. */
export interface Application {
  readonly evaluation: Evaluation;
  readonly frame: Frame;
  readonly layer: LayerValue;
  readonly tensors: readonly TensorValue[];
  /** Names of the tensors if the layer takes them by name: `skip`, `up`, `below`, `bottleneck`. */
  readonly tensorNames?: readonly string[];
  /** Id of the operation, or prefix of the ids if there are several. */
  readonly id: string;
  readonly span: Span;
}

/** The model's default initial values by kind of layer, from its `init`. */
export type InitRules = ReadonlyMap<string, ChoiceValue>;

/** The meanings of names, resolved by the binder before evaluation. */
export interface EvaluationNames {
  readonly symbols: ReadonlyMap<NameNode, Symbol>;
  /** Symbols by the node that declares them. */
  readonly declared: ReadonlyMap<object, Symbol>;
  /** Recursive blocks; their value is the error value, because the binder has already reported them. */
  readonly recursive: ReadonlySet<BlockNode>;
}

/** The network built so far, and all diagnostics reported on the way. */
export class Evaluation {
  readonly ops: Op[] = [];
  readonly constraints: Constraint[] = [];
  /** All modules, parents before children. */
  readonly modules = new Map<string, Module>();
  /** The results of applying layers, for code generation. */
  readonly applications = new Applications();
  readonly diagnostics: Diagnostic[] = [];
  /** The value of each place in the text. */
  readonly trace = new Trace(this.ops);
  initRules: InitRules = new Map();
  /** Uses of shared layers that are being applied, innermost first. */
  sharing: readonly SharedUse[] = [];
  /** The depth of the U and the outputs of its levels so far; undefined for a half with an error. */
  readonly levels: { depth: number | undefined; encoder: Value[] | undefined; decoder: Value[] | undefined } = {
    depth: undefined,
    encoder: [],
    decoder: [],
  };
  readonly symbols: ReadonlyMap<NameNode, Symbol>;
  readonly declared: ReadonlyMap<object, Symbol>;
  readonly recursive: ReadonlySet<BlockNode>;
  private readonly seen = new Set<string>();
  private readonly ids = new Set<string>();
  private readonly constrained = new Set<string>();
  private readonly stepNames = new Map<Expression, StepNames>();
  private steps = 0;
  private stopped = false;

  constructor(
    names: EvaluationNames,
    /** The evaluator's two functions, passed in because blocks and expressions call each other. */
    readonly evaluate: (evaluation: Evaluation, frame: Frame, expression: Expression) => Value,
    readonly apply: (application: Application) => Value,
  ) {
    this.symbols = names.symbols;
    this.declared = names.declared;
    this.recursive = names.recursive;
  }

  /** Whether a limit was exceeded, after which nothing more is evaluated. */
  get exhausted(): boolean {
    return this.stopped;
  }

  /**
   * Returns the symbol a name refers to; if several stand for one declaration (settings of a variant), the
   * declaration's own.
   */
  symbolOf(node: NameNode): Symbol | undefined {
    const symbol = this.symbols.get(node);
    if (symbol === undefined || !('declaration' in symbol)) return symbol;
    return this.declared.get(symbol.declaration) ?? symbol;
  }

  namesIn(root: Expression): StepNames {
    const known = this.stepNames.get(root);
    if (known !== undefined) return known;
    const names = nameSteps(root);
    this.stepNames.set(root, names);
    return names;
  }

  /** Reports an error, once for each place, and returns the error value, which suppresses follow-up errors. */
  fail<Code extends DiagnosticCode>(
    frame: Pick<Frame, 'via'>,
    code: Code,
    parts: PartsOf<Code>,
    span: Span,
    extras: DiagnosticExtras = {},
  ): ErrorValue {
    const labels = [...(extras.labels ?? []), ...frame.via.slice(0, 2)];
    this.add(report(code, parts, span, { ...extras, labels }));
    return errorValue;
  }

  /** Adds a diagnostic created elsewhere, once. */
  add(diagnostic: Diagnostic): void {
    const { code, span } = diagnostic;
    const key = `${code} ${span.source.path} ${span.start} ${span.end}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.diagnostics.push(diagnostic);
  }

  /** Counts evaluation steps; returns false once the limit is exceeded. */
  spend(frame: Frame, span: Span, steps = 1): boolean {
    if (this.stopped) return false;
    this.steps += steps;
    if (this.steps > stepLimit) {
      this.stopped = true;
      this.fail(frame, 'UNET3017', { what: 'expressions to evaluate', limit: stepLimit }, span);
    } else if (frame.depth > depthLimit) {
      this.stopped = true;
      this.fail(frame, 'UNET3017', { what: 'nested blocks', limit: depthLimit }, span);
    }
    return !this.stopped;
  }

  /** Adds an operation with its weights and returns its tensor. Its operands have been checked. */
  emit<K extends OpKind>(
    frame: Frame,
    kind: K,
    id: string,
    attributes: Attributes[K],
    tensors: readonly TensorValue[],
    span: Span,
    weights: readonly Weight[] = [],
  ): TensorValue | ErrorValue {
    if (this.ops.length >= operationLimit) {
      this.stopped = true;
      return this.fail(frame, 'UNET3017', { what: 'operations', limit: operationLimit }, span);
    }
    const operands: Operand[] = tensors.map(({ op, shape, batched }) => ({ op, shape, batched }));
    const shape = inferShape(kind, attributes, operands);
    for (const { name, size } of shape) {
      const value = constantOf(size);
      if (value !== undefined && value < 1) {
        return this.fail(frame, 'UNET3018', { what: sourceText(kind, operands), axis: name, size: value }, span);
      }
      if (!isWithinLimits(size)) return this.failBySize(frame, name, size, span);
    }
    const batched = kind === 'pick' || kind === 'input' || operands.some((each) => each.batched);
    const unique = this.uniqueId(id);
    const sharing = this.ownerOf(frame, kind, unique, attributes, weights, span);
    if (sharing === undefined) return errorValue;
    const { owner } = sharing;
    const op = {
      kind,
      id: unique,
      attributes,
      operands,
      shape,
      batched,
      weights:
        owner === undefined
          ? weights.map((weight) => ({ ...weight, id: weight.name === 'value' ? unique : `${unique}.${weight.name}` }))
          : [],
      sharedWith: owner,
      stage: frame.stage,
      module: frame.module,
      span,
    };
    // The fields agree with `kind` by this function's type; the union cannot be built from a type parameter.
    this.ops.push(op as unknown as Op);
    return { kind: 'tensor', op: unique, shape, batched };
  }

  /** UNET3019: a size must fit into memory and be short enough to print. */
  failBySize(frame: Frame, axis: string | undefined, size: Size, span: Span): ErrorValue {
    const what = axis === undefined ? 'A size' : `The size along \`${axis}\``;
    const value = constantOf(size);
    const range = value === undefined ? 'a short formula in the axes of the image' : `at most ${extentLimit}`;
    const found = value === undefined ? 'one with too many terms or too large numbers' : String(value);
    return this.fail(frame, 'UNET3019', { what, range, found }, span);
  }

  /** Adds an input of the model; its id is its name. */
  emitInput(frame: Frame, name: string, input: 'image' | 'identifier', shape: Shape, span: Span): TensorValue {
    const id = this.uniqueId(name);
    const base = { kind: 'input', id, attributes: { input }, operands: [], shape, batched: true } as const;
    this.ops.push({ ...base, weights: [], sharedWith: undefined, stage: frame.stage, module: '', span });
    return { kind: 'tensor', op: id, shape, batched: true };
  }

  /** Adds a trainable tensor of a block or, if it is shared, another use of an existing one. */
  emitParam(frame: Frame, id: string, shape: Shape, weight: Weight, span: Span): TensorValue | ErrorValue {
    const unique = this.uniqueId(id);
    const sharing = this.ownerOf(frame, 'param', unique, {}, [weight], span);
    if (sharing === undefined) return errorValue;
    const { owner } = sharing;
    const weights = owner === undefined ? [{ ...weight, id: unique }] : [];
    const base = { kind: 'param', id: unique, attributes: {}, operands: [], shape, batched: false } as const;
    this.ops.push({ ...base, weights, sharedWith: owner, stage: frame.stage, module: frame.module, span });
    return { kind: 'tensor', op: unique, shape, batched: false };
  }

  /** Returns the weights that an operation's shapes require, with their initial values. */
  weightsFor<K extends OpKind>(
    kind: K,
    attributes: Attributes[K],
    tensors: readonly TensorValue[],
    initialOf: (name: string, shape: readonly number[]) => Initial,
  ): Weight[] {
    const operands = tensors.map(({ op, shape, batched }) => ({ op, shape, batched }));
    return weightShapes(kind, attributes, operands).map((weight) => ({
      ...weight,
      id: '',
      initial: initialOf(weight.name, weight.shape),
      trainable: weight.statistic !== true,
      fallback: false,
      usedWhen: undefined,
    }));
  }

  private uniqueId(id: string): string {
    let unique = id;
    for (let use = 2; this.ids.has(unique); use++) unique = `${id}${use}`;
    this.ids.add(unique);
    return unique;
  }

  /**
   * Returns the operation whose weights this one reuses, in a later use of a shared layer; undefined if they differ
   * (UNET3031).
   */
  private ownerOf<K extends OpKind>(
    frame: Frame,
    kind: K,
    id: string,
    attributes: Attributes[K],
    weights: readonly Weight[],
    span: Span,
  ): { readonly owner: string | undefined } | undefined {
    if (weights.length === 0 || this.sharing.length === 0) return { owner: undefined };
    const taken = takeShared(this.sharing, kind, attributes, weights);
    const own = describeWeights(weights);
    if (taken !== undefined && 'expected' in taken) {
      const here = `\`${kind}\` with ${own}`;
      const first = taken.expected === undefined ? 'no further weights' : describeShared(taken.expected);
      this.fail(frame, 'UNET3031', { first, here }, span, { help: sharedHelp });
      return undefined;
    }
    recordShared(this.sharing, {
      owner: taken?.owner ?? id,
      kind,
      weights: own,
      attributes: JSON.stringify(attributes),
    });
    return { owner: taken?.owner };
  }

  /**
   * Requires two sizes to be equal. If that depends on the patch, it becomes a constraint; returns false if no patch
   * satisfies it.
   */
  requireEqual(left: Size, right: Size, span: Span, reason: string): boolean {
    if (sameSize(left, right)) return true;
    const symbols = [...new Set([...symbolsOf(left), ...symbolsOf(right)])];
    const [symbol] = symbols;
    if (symbol === undefined) return false;
    if (symbols.length === 1 && !canBeEqual(left, right, symbol)) return false;
    this.constrain({ left, right, span, reason });
    return true;
  }

  /**
   * Requires one size to be at least another. If that depends on the patch, it becomes a constraint; returns false if
   * no patch satisfies it.
   */
  requireAtLeast(larger: Size, smaller: Size, span: Span, reason: string): boolean {
    const held = isAtLeast(larger, smaller);
    if (held === 'sometimes') {
      const difference = add(larger, scale(smaller, -1));
      this.constrain({ left: floorDivide(difference, beyondAnyExtent), right: constant(0), span, reason });
    }
    return held !== 'never';
  }

  private constrain(constraint: Constraint): void {
    const key = `${formatSize(constraint.left)} = ${formatSize(constraint.right)}`;
    if (this.constrained.has(key)) return;
    this.constrained.add(key);
    this.constraints.push(constraint);
  }
}

/** Divisor that turns an inequality into an equality: a difference of extents divided by it is 0, or -1 if negative. */
const beyondAnyExtent = 2 ** 30;

/** On which patches one size is at least another, considering only patches on which both are at least 1. */
export function isAtLeast(larger: Size, smaller: Size): 'always' | 'sometimes' | 'never' {
  const symbols = [...new Set([...symbolsOf(larger), ...symbolsOf(smaller)])];
  if (symbols.length > 1) return 'sometimes';
  const answers = new Set<boolean>();
  for (let extent = 1; extent <= searchedExtent; extent++) {
    const values = new Map(symbols.map((name) => [name, extent]));
    const [large, small] = [evaluateSize(larger, values), evaluateSize(smaller, values)];
    if (large >= 1 && small >= 1) answers.add(large >= small);
    if (symbols.length === 0) break;
  }
  if (answers.size > 1) return 'sometimes';
  return answers.has(true) ? 'always' : 'never';
}

/** An operation and what it is applied to, for messages. */
function sourceText(kind: OpKind, [first]: readonly Operand[]): string {
  return first === undefined ? `\`${kind}\`` : `\`${kind}\` of ${formatShape(first.shape)}`;
}

/** Largest extent tried in the search for legal patches. */
const searchedExtent = 1024;

function canBeEqual(left: Size, right: Size, symbol: string): boolean {
  const values = new Map<string, number>();
  for (let extent = 1; extent <= searchedExtent; extent++) {
    values.set(symbol, extent);
    const value = evaluateSize(left, values);
    if (value > 0 && value === evaluateSize(right, values)) return true;
  }
  return false;
}

/** Returns a frame for another text at the same place: with step names of its own, everything else unchanged. */
export function withNames(frame: Frame, names: StepNames, prefix = frame.prefix): Frame {
  return { ...frame, names, prefix };
}

/** Returns a frame for code whose operations form a module of their own. */
export function inModule(evaluation: Evaluation, frame: Frame, id: string, block?: ModuleBlock): Frame {
  if (id === '' || id === frame.module || frame.abstract) return frame;
  if (!evaluation.modules.has(id)) evaluation.modules.set(id, { id, parent: frame.module, block });
  return { ...frame, module: id };
}

export function joinId(prefix: string, part: string): string {
  if (prefix === '') return part;
  return part === '' ? prefix : `${prefix}.${part}`;
}
