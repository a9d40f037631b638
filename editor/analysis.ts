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

/** The result of one place of the text in one model. */
export interface Occurrence {
  readonly observation: Observation;
  readonly trace: Trace;
  readonly model: ModelNode | VariantNode;
}

/**
 * The analysis of a file as the root of a program, computed on demand. It is immutable: another text has another
 * analysis.
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

  /** Performs one step of the check; returns whether it is complete. */
  checkOn(): boolean {
    if (this.found !== undefined) return true;
    this.checking ??= checkInSteps(this.program, this.lowering);
    const step = this.checking.next();
    if (step.done === true) this.found = step.value;
    return this.found !== undefined;
  }

  /** All diagnostics of the checker. */
  get diagnostics(): readonly Diagnostic[] {
    while (this.found === undefined) this.checkOn();
    return this.found;
  }

  /**
   * Every name in a file and its target, in text order. The parameters of a layer that a `let` or knob holds are known
   * only after the models have been evaluated, so they are included only if `held` is set.
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

  /** The layer that each call in the program gives arguments to, if known. */
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

  /** The innermost scope at a place. */
  scopeAt(path: string, offset: number): Scope | undefined {
    const binding = this.bindingOf(path);
    if (binding === undefined) return undefined;
    const before = binding.scopes.filter(({ span }) => span.start <= offset);
    const around = before.filter(({ span }) => offset <= span.end).at(-1);
    if (around !== undefined) return around.scope;
    // A statement without a closing brace ends with its last word.
    const open = before.at(-1);
    const closed = open === undefined || open.span.source.text.slice(open.span.end - 1, offset).includes('}');
    return closed ? binding.scope : open.scope;
  }

  /** The results of a place in the models of the root file; in its variants only if no model has any. */
  occurrencesOf(span: Span): readonly Occurrence[] {
    return this.occurrencesIn(span.source.path).get(placeKey(span)) ?? [];
  }

  /** All places of a file with their results. */
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
    // If an output has no value because of an unknown name, everything that leads to it would appear to cost
    // nothing.
    const whole = network?.outputs.every(({ op }) => op !== '') === true;
    const found = network !== undefined && whole ? figuresOf(network) : undefined;
    this.figures.set(model, found);
    return found;
  }

  /** The model or variant with a name, as seen from the root file. */
  modelNamed(name: string): ModelNode | VariantNode | undefined {
    const scope = this.bindingOf(this.root)?.scope;
    const symbol = scope === undefined ? undefined : lookUp(scope, name);
    return symbol?.kind === 'model' ? symbol.declaration : undefined;
  }
}

export function placeKey({ start, end }: Span): string {
  return `${start}:${end}`;
}

/** The nodes around a place, outermost first; a node includes the position right after it. */
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
