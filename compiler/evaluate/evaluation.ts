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

/** One place of the text being evaluated: what its names hold and where its operations belong. */
export interface Frame {
  readonly values: Map<Symbol, Value>;
  /** Sizes of axes where they were introduced; undefined where sizes are not known. */
  readonly axes: Map<string, Size | undefined>;
  /** Axes introduced again with another size: they cannot stand for a number. */
  readonly ambiguous: Map<string, readonly Size[]>;
  /** `...S`: the axes it stands for. */
  readonly groups: Map<string, readonly Axis[] | undefined>;
  /** Start of the ids of operations made here. */
  readonly prefix: string;
  readonly stage: string;
  /** Id of the module that they are part of. */
  readonly module: string;
  /** The use of a block, or the part of the model, whose text this is. */
  readonly use: BlockUse;
  readonly names: StepNames;
  /** Nothing is made and sizes are not known: only names and types are checked. */
  readonly abstract: boolean;
  /** How this place was reached, innermost first. */
  readonly via: readonly Label[];
  readonly depth: number;
}

/** A layer put to tensors at one place. */
export interface Application {
  readonly evaluation: Evaluation;
  readonly frame: Frame;
  readonly layer: LayerValue;
  readonly tensors: readonly TensorValue[];
  /** Names of the tensors where the layer is to take them by name: `skip`, `up`, `below`. */
  readonly tensorNames?: readonly string[];
  /** Id of the operation, or prefix of the ids of several. */
  readonly id: string;
  readonly span: Span;
}

/** The model's defaults of initial values by layer kind, from its `init`. */
export type InitRules = ReadonlyMap<string, ChoiceValue>;

/** What names mean: found by the binder before anything is evaluated. */
export interface EvaluationNames {
  readonly symbols: ReadonlyMap<NameNode, Symbol>;
  /** Symbols by the node that declares them. */
  readonly declared: ReadonlyMap<object, Symbol>;
  /** Blocks that use themselves; their value is the error value, which the binder's report stands for. */
  readonly recursive: ReadonlySet<BlockNode>;
}

/** The network as far as it is built, and all that was found wrong on the way. */
export class Evaluation {
  readonly ops: Op[] = [];
  readonly constraints: Constraint[] = [];
  /** Every module, each after the one around it. */
  readonly modules = new Map<string, Module>();
  /** What became of layers, for code generation. */
  readonly applications = new Applications();
  readonly diagnostics: Diagnostic[] = [];
  /** What the places of the text came to. */
  readonly trace = new Trace(this.ops);
  initRules: InitRules = new Map();
  /** Uses of shared layers that are being applied, the innermost first. */
  sharing: readonly SharedUse[] = [];
  /** The U's depth and its levels' outputs, as far as they are made; undefined for a half with an error. */
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
    /** The evaluator's two functions, given here because blocks and expressions call each other. */
    readonly evaluate: (evaluation: Evaluation, frame: Frame, expression: Expression) => Value,
    readonly apply: (application: Application) => Value,
  ) {
    this.symbols = names.symbols;
    this.declared = names.declared;
    this.recursive = names.recursive;
  }

  /** Whether a limit was met, after which nothing more is evaluated. */
  get exhausted(): boolean {
    return this.stopped;
  }

  /** The symbol a name means; where several stand for one declaration (settings of a variant), the declaration's own. */
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

  /** Reports a fault, once for each place however often it is met, and gives the value that silences what follows. */
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

  /** Adds a diagnostic made elsewhere, once. */
  add(diagnostic: Diagnostic): void {
    const { code, span } = diagnostic;
    const key = `${code} ${span.source.path} ${span.start} ${span.end}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.diagnostics.push(diagnostic);
  }

  /** Counts steps of work; false once the limit is met. */
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

  /** Adds an operation whose operands have been checked, with its weights, and gives its tensor. */
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

  /** UNET3019: a size is small enough to be held and short enough to be told. */
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

  /** Adds a trainable tensor of a block or, where it is shared, another use of one. */
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

  /** Weights of an operation as its shapes ask, with their initial values. */
  weightsFor<K extends OpKind>(
    kind: K,
    attributes: Attributes[K],
    tensors: readonly TensorValue[],
    initialOf: (name: string, shape: readonly number[]) => Initial,
  ): Weight[] {
    const operands = tensors.map(({ op, shape, batched }) => ({ op, shape, batched }));
    return weightShapes(kind, attributes, operands).map(({ name, shape }) => ({
      id: '',
      name,
      shape,
      initial: initialOf(name, shape),
      trainable: true,
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

  /** The operation whose weights this one uses, in a later use of a shared layer; undefined if they differ (UNET3031). */
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
   * Asks that two sizes be equal. Equal expressions are; others become a constraint on the patch where some size meets
   * it, and false is given where none does.
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
   * Asks that one size be at least another. What holds on some patches only becomes a constraint on the patch, and
   * false is given where it holds on none.
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

/** Dividing a difference of extents by this leaves 0, or -1 where it is negative: an inequality as an equality. */
const beyondAnyExtent = 2 ** 30;

/** On which patches one size is at least another, as far as both are there (1 or more). */
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

/** An operation and what it is put to, for messages. */
function sourceText(kind: OpKind, [first]: readonly Operand[]): string {
  return first === undefined ? `\`${kind}\`` : `\`${kind}\` of ${formatShape(first.shape)}`;
}

/** Largest extent that legality is searched for. */
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

/** A frame for another text in the same place: its own step names, the rest kept. */
export function withNames(frame: Frame, names: StepNames, prefix = frame.prefix): Frame {
  return { ...frame, names, prefix };
}

/** A frame for a text whose operations are a module of their own. */
export function inModule(evaluation: Evaluation, frame: Frame, id: string, block?: ModuleBlock): Frame {
  if (id === '' || id === frame.module || frame.abstract) return frame;
  if (!evaluation.modules.has(id)) evaluation.modules.set(id, { id, parent: frame.module, block });
  return { ...frame, module: id };
}

export function joinId(prefix: string, part: string): string {
  if (prefix === '') return part;
  return part === '' ? prefix : `${prefix}.${part}`;
}
