import type {
  BlockNode,
  Expression,
  InputNode,
  ModelNode,
  NameNode,
  OutputNode,
  ProtocolNode,
  SettingNode,
  StudyNode,
  VariantNode,
} from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { interfaceOf, settingsOf } from '../../grammar/nodes.js';
import { bindFile, bindSetting, type FileBinding } from '../bind/bind.js';
import type { LoadedFile } from '../bind/loaded-file.js';
import { lookUp } from '../bind/scope.js';
import type { Symbol } from '../bind/symbol.js';
import { applyLayer } from '../evaluate/apply.js';
import { evaluate } from '../evaluate/evaluate.js';
import { Evaluation } from '../evaluate/evaluation.js';
import { lowerModel, type BoundModel, type LoweredModel } from '../lower/model.js';
import { silenceCovered } from './covered.js';
import { findRecursion, findVariantCircles } from './circles.js';
import type { FileCache } from './file-cache.js';
import type { Host } from './host.js';
import { importableInto } from './library-index.js';
import { load } from './load.js';

/** A model with its knobs bound, and the result of lowering it. */
export interface Lowered {
  readonly model: BoundModel;
  readonly lowered: LoweredModel;
}

/** A spec with all its imports: parsed, with names bound. */
export interface Program {
  readonly root: string;
  readonly files: ReadonlyMap<string, LoadedFile>;
  readonly bindings: ReadonlyMap<string, FileBinding>;
  /** The meaning of every name in every file. */
  readonly symbols: ReadonlyMap<NameNode, Symbol>;
  readonly declared: ReadonlyMap<object, Symbol>;
  /** Recursive blocks: they are never expanded. */
  readonly recursive: ReadonlySet<BlockNode>;
  /** Errors in the text and its names; those in shapes come with each model. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Loads and binds `root`; undefined if the file cannot be read. With a `cache`, files that have not changed since they
 * were last opened are taken from there.
 */
export function openProgram(host: Host, root: string, cache?: FileCache): Program | undefined {
  const { files, diagnostics } = load(host, root, cache);
  if (!files.has(root)) return undefined;
  const bindings = new Map<string, FileBinding>();
  for (const file of files.values()) {
    const bind = (): FileBinding => bindFile(file, bindings, () => importableInto(host, file));
    const used = file.uses.map(({ path }) => bindings.get(path));
    bindings.set(file.path, cache?.bound(file, used, bind) ?? bind());
  }
  const symbols = new Map<NameNode, Symbol>();
  const declared = new Map<object, Symbol>();
  const found = [...diagnostics];
  for (const binding of bindings.values()) {
    for (const [node, symbol] of binding.symbols) symbols.set(node, symbol);
    for (const [node, symbol] of binding.declared) declared.set(node, symbol);
    found.push(...binding.diagnostics);
  }
  const recursion = findRecursion(files, symbols);
  found.push(...recursion.diagnostics, ...findVariantCircles(files, (variant) => baseOf(bindings, variant)));
  const kept = silenceCovered(found);
  return { root, files, bindings, symbols, declared, recursive: recursion.blocks, diagnostics: kept };
}

/** The models that the root file itself declares, in order; without imported ones. */
export function ownModels(program: Program): readonly (ModelNode | VariantNode)[] {
  const statements = program.files.get(program.root)?.node.statements ?? [];
  return statements.filter((each): each is ModelNode | VariantNode => each.kind === 'Model' || each.kind === 'Variant');
}

/** The studies that the root file itself declares, in order. */
export function ownStudies(program: Program): readonly StudyNode[] {
  const statements = program.files.get(program.root)?.node.statements ?? [];
  return statements.filter((each): each is StudyNode => each.kind === 'Study');
}

/** Declarations whose names are not taken. Duplicates have been reported, and no name refers to them. */
export function withoutDuplicates<Declaration extends ModelNode | VariantNode | StudyNode>(
  declarations: readonly Declaration[],
): readonly Declaration[] {
  const names = new Set<string>();
  return declarations.filter(({ name }) => !names.has(name.name) && names.add(name.name));
}

/** A model or protocol visible in the root file, by name. */
export function findStatement(program: Program, name: string): ModelNode | VariantNode | ProtocolNode | undefined {
  const binding = program.bindings.get(program.root);
  const symbol = binding === undefined ? undefined : lookUp(binding.scope, name);
  return symbol?.kind === 'model' || symbol?.kind === 'protocol' ? symbol.declaration : undefined;
}

/** Every protocol visible in the root file: its own first, then those of all direct and indirect imports. */
export function visibleProtocols(program: Program): readonly ProtocolNode[] {
  const files = [...program.files.values()].reverse();
  return files.flatMap((file) => file.node.statements.filter((each): each is ProtocolNode => each.kind === 'Protocol'));
}

/**
 * Follows a variant to its model: the settings, inputs and outputs nearest the variant win. `extra` are settings from outside (`--set`),
 * which override all others. Undefined, with an error reported, if the base does not exist or is the variant itself.
 */
export function bindModel(
  program: Program,
  declaration: ModelNode | VariantNode,
  extra: readonly SettingNode[] = [],
): BoundModel | undefined {
  const settings = new Map<string, SettingNode>(extra.map((setting) => [setting.name.name, setting]));
  const declared = new Map<string, InputNode | OutputNode>();
  const doc = declaration.doc;
  let current: ModelNode | VariantNode = declaration;
  const passed = new Set<VariantNode>();
  while (current.kind === 'Variant') {
    if (passed.has(current)) return undefined;
    passed.add(current);
    for (const setting of settingsOf(current)) {
      if (!settings.has(setting.name.name)) settings.set(setting.name.name, setting);
    }
    for (const member of interfaceOf(current)) {
      if (!declared.has(member.name.name)) declared.set(member.name.name, member);
    }
    const base = baseOf(program.bindings, current);
    if (base === undefined) return undefined;
    current = base;
  }
  return { name: declaration.name.name, doc: doc ?? current.doc, node: current, settings, interface: declared };
}

/** The base that a variant starts from; undefined for a model that is not a variant. */
export function variantBase(
  program: Program,
  declaration: ModelNode | VariantNode,
): ModelNode | VariantNode | undefined {
  return declaration.kind === 'Variant' ? baseOf(program.bindings, declaration) : undefined;
}

/** The statement a variant is based on. */
export function baseOf(
  bindings: ReadonlyMap<string, FileBinding>,
  variant: VariantNode,
): ModelNode | VariantNode | undefined {
  const binding = bindings.get(variant.span.source.path);
  const symbol = binding === undefined ? undefined : lookUp(binding.scope, variant.base.name);
  return symbol?.kind === 'model' ? symbol.declaration : undefined;
}

/** The meanings of names in settings from outside the files, and the errors in them. */
export function settingSymbols(
  program: Program,
  model: BoundModel,
): { readonly symbols: ReadonlyMap<NameNode, Symbol>; readonly diagnostics: readonly Diagnostic[] } {
  const symbols = new Map<NameNode, Symbol>();
  const diagnostics: Diagnostic[] = [];
  const binding = program.bindings.get(program.root);
  const home = program.bindings.get(model.node.span.source.path);
  for (const setting of model.settings.values()) {
    if (binding === undefined || program.files.has(setting.span.source.path)) continue;
    const bound = bindSetting(setting, model.node, binding, home);
    for (const [node, symbol] of bound.symbols) symbols.set(node, symbol);
    diagnostics.push(...bound.diagnostics);
  }
  return { symbols, diagnostics };
}

/** Lowers a bound model; all errors are in the result. */
export function lower(program: Program, model: BoundModel): LoweredModel {
  const { symbols, diagnostics: found } = settingSymbols(program, model);
  const evaluation = createEvaluation({ ...program, symbols: new Map([...program.symbols, ...symbols]) });
  const lowered = lowerModel(evaluation, model);
  const faulty = found.some((diagnostic) => diagnostic.severity === 'error');
  return {
    ...lowered,
    network: faulty ? undefined : lowered.network,
    diagnostics: [...found, ...lowered.diagnostics],
  };
}

export function createEvaluation(program: Pick<Program, 'symbols' | 'declared' | 'recursive'>): Evaluation {
  return new Evaluation(program, evaluate, applyLayer);
}

/** A setting from outside the files, such as `--set csa=off`. */
export function settingOf(name: string, value: Expression): SettingNode {
  const span = value.span;
  return { kind: 'Setting', name: { kind: 'Identifier', name, span }, value, span };
}
