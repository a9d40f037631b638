import type { CallNode, FileNode, ModelNode, Node, StudyNode, VariantNode } from '../grammar/ast.js';
import type { Diagnostic } from '../grammar/diagnostics/diagnostic.js';
import { visit } from '../grammar/nodes.js';
import type { Span } from '../grammar/source.js';
import type { FileBinding } from '../compiler/bind/bind.js';
import { findReferences, type Reference } from '../compiler/bind/references.js';
import { lookUp, type Scope } from '../compiler/bind/scope.js';
import type { Observation, Trace } from '../compiler/evaluate/trace.js';
import type { Recipe } from '../compiler/evaluate/values.js';
import { checkInSteps } from '../compiler/check/check.js';
import { Lowering } from '../compiler/check/lowering.js';
import { ownModels, ownStudies, type Program } from '../compiler/program/program.js';
import { figuresOf, type Figured } from './figures.js';

/** What one place of the text came to in one model. */
export interface Occurrence {
  readonly observation: Observation;
  readonly trace: Trace;
  readonly model: ModelNode | VariantNode;
}

/**
 * What is known of a file as the root of a program, found when it is first asked for. It is never changed: another text
 * gives another analysis.
 */
export class Analysis {
  readonly lowering: Lowering;
  private checking: Generator<undefined, readonly Diagnostic[]> | undefined;
  private found: readonly Diagnostic[] | undefined;
  private readonly references = new Map<string, readonly Reference[]>();
  private readonly occurrences = new Map<string, ReadonlyMap<string, readonly Occurrence[]>>();
  private readonly figures = new Map<ModelNode | VariantNode, Figured | undefined>();
  private calledLayers: ReadonlyMap<CallNode, Recipe> | undefined;

  constructor(readonly program: Program) {
    this.lowering = new Lowering(program);
  }

  get root(): string {
    return this.program.root;
  }

  /** The tree of one of the program's files. */
  fileOf(path: string): FileNode | undefined {
    return this.program.files.get(path)?.node;
  }

  /** Models and variants of the root file. */
  get models(): readonly (ModelNode | VariantNode)[] {
    return ownModels(this.program);
  }

  /** Studies of the root file. */
  get studies(): readonly StudyNode[] {
    return ownStudies(this.program);
  }

  /** Goes one step on with the check; whether it is done. */
  checkOn(): boolean {
    if (this.found !== undefined) return true;
    this.checking ??= checkInSteps(this.program, this.lowering);
    const step = this.checking.next();
    if (step.done === true) this.found = step.value;
    return this.found !== undefined;
  }

  /** Everything the checker says. */
  get diagnostics(): readonly Diagnostic[] {
    while (this.found === undefined) this.checkOn();
    return this.found;
  }

  /**
   * Every name in a file and what it refers to, in the order of the text. Which parameter is named in a call of a layer
   * that a `let` or knob holds is known only once the models are looked at, so it is left out unless `held` asks for it.
   */
  referencesIn(path: string, held: boolean): readonly Reference[] {
    const key = `${String(held)} ${path}`;
    const known = this.references.get(key);
    if (known !== undefined) return known;
    const file = this.program.files.get(path);
    const binding = this.program.bindings.get(path);
    if (file === undefined || binding === undefined) return [];
    const called = held ? this.called() : undefined;
    const found = findReferences(file.node.statements, binding, this.program.bindings, called);
    this.references.set(key, found);
    return found;
  }

  bindingOf(path: string): FileBinding | undefined {
    return this.program.bindings.get(path);
  }

  /** The layer each call in the program gives arguments to, as far as that is known. */
  called(): ReadonlyMap<CallNode, Recipe> {
    if (this.calledLayers !== undefined) return this.calledLayers;
    const called = new Map<CallNode, Recipe>(this.lowering.blocks.trace.called);
    for (const model of this.models) {
      if (model.kind !== 'Model') continue;
      for (const [node, recipe] of this.lowering.of(model)?.lowered.trace.called ?? []) called.set(node, recipe);
    }
    this.calledLayers = called;
    return called;
  }

  /** The innermost names visible at a place. */
  scopeAt(path: string, offset: number): Scope | undefined {
    const binding = this.bindingOf(path);
    if (binding === undefined) return undefined;
    const before = binding.scopes.filter(({ span }) => span.start <= offset);
    const around = before.filter(({ span }) => offset <= span.end).at(-1);
    if (around !== undefined) return around.scope;
    // What lacks its closing brace ends with its last word.
    const open = before.at(-1);
    const closed = open === undefined || open.span.source.text.slice(open.span.end - 1, offset).includes('}');
    return closed ? binding.scope : open.scope;
  }

  /** What a place came to in the models of the root file; in its variants only where no model has it. */
  occurrencesOf(span: Span): readonly Occurrence[] {
    return this.occurrencesIn(span.source.path).get(placeKey(span)) ?? [];
  }

  /** All of a file's places and what they came to. */
  occurrencesIn(path: string): ReadonlyMap<string, readonly Occurrence[]> {
    const known = this.occurrences.get(path);
    if (known !== undefined) return known;
    const found = new Map<string, Occurrence[]>();
    const models = this.models.filter(({ kind }) => kind === 'Model');
    const variants = this.models.filter(({ kind }) => kind === 'Variant').slice(0, 1);
    for (const model of models.length > 0 ? models : variants) {
      const trace = this.lowering.of(model)?.lowered.trace;
      for (const observation of trace?.observations ?? []) {
        if (trace === undefined || observation.span.source.path !== path) continue;
        const key = placeKey(observation.span);
        const others = found.get(key);
        if (others === undefined) found.set(key, [{ observation, trace, model }]);
        else others.push({ observation, trace, model });
      }
    }
    this.occurrences.set(path, found);
    return found;
  }

  /** Returns parameters, MACs and receptive fields of a model of the program; undefined if it has errors. */
  figuresOf(model: ModelNode | VariantNode): Figured | undefined {
    if (this.figures.has(model)) return this.figures.get(model);
    const network = this.lowering.of(model)?.lowered.network;
    // If an unknown name leaves an output without a value, everything that leads to it would appear to cost nothing.
    const whole = network?.outputs.every(({ op }) => op !== '') === true;
    const found = network !== undefined && whole ? figuresOf(network) : undefined;
    this.figures.set(model, found);
    return found;
  }

  /** The model or variant of a name as the root file sees it. */
  modelNamed(name: string): ModelNode | VariantNode | undefined {
    const scope = this.bindingOf(this.root)?.scope;
    const symbol = scope === undefined ? undefined : lookUp(scope, name);
    return symbol?.kind === 'model' ? symbol.declaration : undefined;
  }
}

export function placeKey({ start, end }: Span): string {
  return `${start}:${end}`;
}

/** The nodes around a place, outermost first; a node also holds the place right after it. */
export function nodesAt(file: FileNode, offset: number): readonly Node[] {
  const path: Node[] = [];
  visit(file, {
    enter: (node) => {
      const holds = node.span.start <= offset && offset <= node.span.end && node.kind !== 'Comment';
      if (holds) path.push(node);
      return holds;
    },
  });
  return path;
}
