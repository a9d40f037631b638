import type {
  EntryNode,
  ModelNode,
  ProtocolNode,
  SettingNode,
  StudyNode,
  VariantMember,
  VariantNode,
} from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { printExpression } from '../../grammar/print.js';
import type { Span } from '../../grammar/source.js';
import type { Network } from '../ir/ir.js';
import { sameGraph } from '../ir/same-graph.js';
import { bindModel, lower, variantBase, type Lowered as LoweredDeclaration, type Program } from '../program/program.js';
import { lowerProtocol } from '../protocol/lower-protocol.js';
import { checkUnions } from '../protocol/report-words.js';
import { lossProblem } from '../../contract/loss-problem.js';
import type { Protocol } from '../../contract/protocol.js';
import { deriveVariants } from './derive-variants.js';
import { fitProtocol } from './fit-protocol.js';
import { capacitySetting, measureOf, solveCapacity } from './solve-capacity.js';
import { readStudy, type NamedModel, type WrittenCapacity, type WrittenStudy } from './read-study.js';
import type { AblationMode, Study, StudyModel } from './study.js';

/** A model that a study includes, before it is lowered. */
interface Entrant {
  readonly name: string;
  readonly kind: StudyModel['kind'];
  readonly declaration: ModelNode | VariantNode;
  readonly settings: readonly SettingNode[];
  readonly change: string;
  readonly unmatched: string | undefined;
  readonly equal: WrittenCapacity | undefined;
  readonly span: Span;
}

/** The models of a program, each lowered once. */
export interface Models {
  readonly program: Program;
  /** Undefined if the base of a variant does not exist. */
  readonly of: (declaration: ModelNode | VariantNode) => LoweredDeclaration | undefined;
}

/** A study, undefined if it has errors, and its diagnostics. */
export type LoweredStudy = Lowered<Study>;

interface Lowered<T> {
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Lowers a study: its protocol, its folds, and every model in it, each checked for anything that would make the table
 * misleading (UNET3054, UNET3057, UNET3064 to UNET3071, UNET4005). Undefined if there are errors.
 */
export function lowerStudy(lowering: Models, node: StudyNode): LoweredStudy {
  const { program } = lowering;
  const { study: written, diagnostics } = readStudy(node, program.symbols);
  if (written === undefined) return { value: undefined, diagnostics };
  const lowered = lowerProtocol(written.protocol);
  const { protocol } = lowered;
  if (protocol === undefined) return { value: undefined, diagnostics: [...diagnostics, ...lowered.diagnostics] };
  const folds = foldsOf(written, protocol);
  const { entrants, faults } = entrantsOf(program, written);
  const models = lowerModels(lowering, protocol, entrants);
  const networks = models.value?.map(({ network }) => network) ?? [];
  const unions = checkUnions(written.protocol, networks);
  const spanOf = (entry: string): Span => entryOf(written.protocol, entry).span;
  const losses = fitLosses(protocol, models.value ?? [], spanOf);
  const found = [...diagnostics, ...folds.diagnostics, ...faults, ...models.diagnostics, ...unions, ...losses];
  if (folds.value === undefined || models.value === undefined || found.some(({ severity }) => severity === 'error')) {
    return { value: undefined, diagnostics: found };
  }
  const study = {
    name: node.name.name,
    protocol,
    seeds: written.seeds,
    folds: folds.value,
    models: models.value,
  };
  return { value: study, diagnostics: found };
}

/** The study of a model's own `off` values (`unet ablate`). */
export function ablationStudy(
  lowering: Models,
  declaration: ModelNode | VariantNode,
  mode: AblationMode,
  plan: { readonly protocol: Protocol; readonly seeds: readonly number[]; readonly folds: readonly number[] },
): Lowered<Study> {
  const { program } = lowering;
  const named = { declaration, unmatched: undefined, equal: undefined, span: declaration.name.span };
  const { entrants, faults } = ablationEntrants(program, named, { mode, equal: undefined, span: named.span });
  const models = lowerModels(lowering, plan.protocol, entrants);
  const losses = fitLosses(plan.protocol, models.value ?? [], () => named.span);
  const diagnostics = [...faults, ...models.diagnostics, ...losses];
  const faulty = models.value === undefined || diagnostics.some(({ severity }) => severity === 'error');
  if (faulty) return { value: undefined, diagnostics };
  return { value: { name: `${declaration.name.name} ${mode}`, ...plan, models: models.value }, diagnostics };
}

/** An entry of a protocol as it is written, or the protocol if it takes the default. */
function entryOf(node: ProtocolNode, name: string): EntryNode | ProtocolNode {
  return node.entries.find((each) => each.name.name === name) ?? node;
}

/** UNET3054: the loss of the protocol must be defined for every network. */
function fitLosses(
  protocol: Protocol,
  models: readonly StudyModel[],
  spanOf: (entry: string) => Span,
): readonly Diagnostic[] {
  return models.flatMap(({ name, network }) => {
    const outputs = network.outputs.map(({ name, labels, auxiliary }) => {
      return { name, labels: labels.map((label) => label.name), auxiliary: auxiliary.length };
    });
    const problem = lossProblem(protocol, outputs);
    if (problem === undefined) return [];
    const { entry, text, help } = problem;
    return [report('UNET3054', { text, model: name, protocol: protocol.name }, spanOf(entry), { help })];
  });
}

/** UNET3064, UNET3071: the folds must exist, and leave a fold for selection if that is requested. */
function foldsOf({ folds, protocol: node }: WrittenStudy, protocol: Protocol): Lowered<readonly number[]> {
  const { split, select, name } = protocol;
  const count = split.kind === 'cases' ? 1 : split.folds;
  const diagnostics: Diagnostic[] = [];
  if (select.kind === 'best' && count < 3) {
    diagnostics.push(report('UNET3071', { protocol: name }, entryOf(node, 'select').span));
  }
  const all = Array.from({ length: count }, (_, fold) => fold);
  if (folds === 'all') return { value: all, diagnostics };
  for (const { fold, span } of folds) {
    if (fold >= count) diagnostics.push(report('UNET3064', { fold, folds: count, protocol: name }, span));
  }
  return { value: folds.map(({ fold }) => fold), diagnostics };
}

interface Entrants {
  readonly entrants: readonly Entrant[];
  readonly faults: readonly Diagnostic[];
}

function entrantsOf(program: Program, { base, variants, rivals }: WrittenStudy): Entrants {
  const own: Entrants = isListed(variants)
    ? listedEntrants(program, base, variants)
    : ablationEntrants(program, base, variants);
  const others = rivals.map((rival): Entrant => entrantOf('rival', rival, ''));
  return { entrants: [...own.entrants, ...others], faults: own.faults };
}

function isListed(variants: WrittenStudy['variants']): variants is readonly NamedModel[] {
  return Array.isArray(variants);
}

function entrantOf(kind: Entrant['kind'], model: NamedModel, change: string): Entrant {
  return { name: model.declaration.name.name, kind, settings: [], change, ...model };
}

/** UNET3065: a variant must derive from the base through its settings. Unresolved models have been reported. */
function listedEntrants(program: Program, base: NamedModel, variants: readonly NamedModel[]): Entrants {
  const faults: Diagnostic[] = [];
  const entrants = [entrantOf('base', base, '')];
  for (const variant of variants) {
    const changes = changesBetween(program, variant.declaration, base.declaration);
    const isKnown = bindModel(program, variant.declaration) !== undefined;
    if (changes === undefined && isKnown) {
      const names = { name: variant.declaration.name.name, base: base.declaration.name.name };
      const help = 'List a model that is not a variant of the base under `rivals`.';
      faults.push(report('UNET3065', names, variant.span, { help }));
    } else {
      entrants.push(entrantOf('variant', variant, (changes ?? []).map(changeText).join(', ')));
    }
  }
  return { entrants, faults };
}

/** `width = 16`, `scan: image(T1w)[H, W]`. */
function changeText(member: VariantMember): string {
  const { name } = member.name;
  return member.kind === 'Setting'
    ? `${name} = ${printExpression(member.value)}`
    : `${name}: ${printExpression(member.type)}`;
}

/** What turns a model into a variant of it, empty for the model itself; undefined if it is not a variant of it. */
function changesBetween(
  program: Program,
  variant: ModelNode | VariantNode,
  base: ModelNode | VariantNode,
): readonly VariantMember[] | undefined {
  const changes = new Map<string, VariantMember>();
  const passed = new Set<ModelNode | VariantNode>();
  let current: ModelNode | VariantNode | undefined = variant;
  while (current?.kind === 'Variant' && current !== base && !passed.has(current)) {
    passed.add(current);
    for (const member of current.members) {
      if (!changes.has(member.name.name)) changes.set(member.name.name, member);
    }
    current = variantBase(program, current);
  }
  return current === base ? [...changes.values()] : undefined;
}

/** UNET3068: there must be something to leave out. */
function ablationEntrants(
  program: Program,
  base: NamedModel,
  { mode, equal, span }: { mode: AblationMode; equal: WrittenCapacity | undefined; span: Span },
): Entrants {
  const { declaration } = base;
  const model = bindModel(program, declaration);
  if (model === undefined) return { entrants: [], faults: [] };
  const ablation = deriveVariants(program, model, mode);
  if (ablation.variants.length === 0) {
    const help = 'Give a knob an `off` value that removes its component.';
    return { entrants: [], faults: [report('UNET3068', { base: declaration.name.name }, span, { help })] };
  }
  const made = { declaration, unmatched: undefined };
  const entrants = ablation.variants.map((variant): Entrant => ({ ...variant, ...made, kind: 'variant', equal, span }));
  return {
    entrants: [{ ...ablation.base, ...made, kind: 'base', equal: undefined, span: base.span }, ...entrants],
    faults: [],
  };
}

function lowerModels(lowering: Models, protocol: Protocol, entrants: readonly Entrant[]): Lowered<Study['models']> {
  const diagnostics: Diagnostic[] = [];
  const own: StudyModel[] = [];
  const equal: StudyModel[] = [];
  for (const entrant of entrants) {
    const lowered = lowerEntrant(lowering, protocol, entrant);
    // A variant has the sizes of its base, unless its change affects sizes: the error is reported once.
    const follows = entrant.kind === 'variant' && own[0]?.kind !== 'base';
    if (!follows) diagnostics.push(...lowered.diagnostics);
    if (lowered.value === undefined) continue;
    own.push(lowered.value);
    const [base] = own;
    if (entrant.equal === undefined || base?.kind !== 'base') continue;
    const made = lowerEqual(lowering, protocol, entrant, entrant.equal, base);
    diagnostics.push(...made.diagnostics);
    // A model that already costs the same as the base needs no equal-capacity version.
    if (made.value !== undefined && !sameGraph(made.value.network, lowered.value.network)) equal.push(made.value);
  }
  const models = inOrder([...own, ...equal]);
  diagnostics.push(...compare(models));
  const [base, ...others] = models;
  const isWhole = own.length === entrants.length && base?.kind === 'base';
  return { value: isWhole ? [base, ...others] : undefined, diagnostics };
}

/** The base, then variants, then rivals; each group in the given order. */
function inOrder(models: readonly StudyModel[]): readonly StudyModel[] {
  return (['base', 'variant', 'rival'] as const).flatMap((kind) => models.filter((model) => model.kind === kind));
}

/** Reports errors of a model only if it cannot be lowered: a warning in its file does not concern the study. */
function lowerEntrant(lowering: Models, protocol: Protocol, entrant: Entrant): Lowered<StudyModel> {
  const { name, kind, declaration, settings, change, span } = entrant;
  const { network, unreached, diagnostics } = lowerDeclaration(lowering, declaration, settings) ?? nothing;
  if (network === undefined) {
    return { value: undefined, diagnostics: diagnostics.filter(({ severity }) => severity === 'error') };
  }
  const fitted = fitProtocol(network, protocol, entrant);
  if (fitted.value === undefined) return { value: undefined, diagnostics: fitted.diagnostics };
  const own = { name, kind, declaration, settings, change, span, network, unreached, equal: null };
  return { value: { ...own, ...fitted.value }, diagnostics: fitted.diagnostics };
}

const nothing = { network: undefined, unreached: [], diagnostics: [] };

function lowerDeclaration(lowering: Models, declaration: ModelNode | VariantNode, settings: readonly SettingNode[]) {
  if (settings.length === 0) return lowering.of(declaration)?.lowered;
  const bound = bindModel(lowering.program, declaration, settings);
  return bound === undefined ? undefined : lower(lowering.program, bound);
}

/** UNET3070: the row in which a knob was solved so that the model costs the same as the base. */
function lowerEqual(
  lowering: Models,
  protocol: Protocol,
  entrant: Entrant,
  { measure, knob, span }: WrittenCapacity,
  base: StudyModel,
): Lowered<StudyModel> {
  const { declaration, settings } = entrant;
  const target = measureOf(base.network, measure, base.patch);
  const { patch } = protocol;
  const solved = solveCapacity({
    program: lowering.program,
    declaration,
    settings,
    base: base.declaration,
    measure,
    target,
    knob,
    patch: patch.size,
  });
  if (!solved.ok) {
    return { value: undefined, diagnostics: [report('UNET3070', { name: entrant.name, reason: solved.reason }, span)] };
  }
  const { value } = solved.solution;
  const name = `${entrant.name}, equal ${measure === 'macs' ? 'MACs' : 'params'}`;
  const change = [entrant.change, `${knob} = ${value}`].filter((part) => part !== '').join(', ');
  const made = { ...entrant, name, change, settings: [...settings, capacitySetting(knob, value)] };
  const lowered = lowerEntrant(lowering, protocol, made);
  const equal = { measure, knob, value, target };
  return { ...lowered, value: lowered.value === undefined ? undefined : { ...lowered.value, equal } };
}

/** UNET3063, UNET3067, UNET3069: rows must be distinct and comparable. */
function compare(models: readonly StudyModel[]): Diagnostic[] {
  const [base] = models;
  if (base?.kind !== 'base') return [];
  return models.slice(1).flatMap((model, index): Diagnostic[] => {
    const before = models.slice(0, index + 1);
    if (before.some(({ declaration, name }) => declaration === model.declaration && name === model.name)) {
      return [report('UNET3063', { what: `\`${model.name}\`` }, model.span)];
    }
    const [found, expected] = [taskOf(model.network), taskOf(base.network)];
    if (found !== expected) {
      return [report('UNET3069', { name: model.name, base: base.name, found, expected }, model.span)];
    }
    const same = before.find(({ network }) => sameGraph(network, model.network));
    return same === undefined ? [] : [report('UNET3067', { name: model.name, other: same.name }, model.span)];
  });
}

/** The task of a network's first output, whose scores the table shows. */
function taskOf({ outputs }: Network): string {
  const [first] = outputs;
  if (first === undefined) return 'nothing';
  return `the ${first.kind} ${first.labels.map(({ name }) => `\`${name}\``).join(', ')}`;
}
