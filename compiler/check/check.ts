import type { ModelNode, VariantNode } from '../../grammar/ast.js';
import type { Diagnostic, Label } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { interfaceOf, settingsOf } from '../../grammar/nodes.js';
import { printExpression } from '../../grammar/print.js';
import { sameGraph } from '../ir/same-graph.js';
import type { Network } from '../ir/ir.js';
import { declaredIn, type BoundModel, type LoweredModel } from '../lower/model.js';
import { lowerProtocol } from '../protocol/lower-protocol.js';
import { chosenText, knobsOf } from '../program/knobs.js';
import { checkBatchNorms } from './check-batch-norms.js';
import { checkPatches } from './check-patches.js';
import { checkReports } from './check-reports.js';
import { Lowering } from './lowering.js';
import {
  baseOf,
  withoutDuplicates,
  lower,
  ownModels,
  ownStudies,
  settingOf,
  type Program,
} from '../program/program.js';
import { silenceFollowers } from './silence.js';

/**
 * Checks everything that can be checked in a spec without running it: each block alone, every model in the root file,
 * each of its knobs at `off`, every protocol, and every study in the root file. Of models or studies with the same
 * name, only the first is checked. Each error is reported once, sorted by file and position; follow-up errors of syntax
 * errors are not reported.
 */
export function checkProgram(program: Program, lowering = new Lowering(program)): readonly Diagnostic[] {
  const steps = checkInSteps(program, lowering);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same, but yielding before each model and each knob's removal, so that an editor can respond in between. */
export function* checkInSteps(program: Program, lowering: Lowering): Generator<undefined, readonly Diagnostic[]> {
  const found: Diagnostic[] = [...program.diagnostics];
  for (const file of program.files.values()) {
    for (const statement of file.node.statements) {
      if (statement.kind === 'Protocol') found.push(...lowerProtocol(statement).diagnostics);
    }
  }
  found.push(...lowering.blocks.diagnostics);
  for (const declaration of withoutDuplicates(ownModels(program))) {
    yield;
    found.push(...(yield* checkModel(program, declaration, lowering)));
  }
  for (const study of withoutDuplicates(ownStudies(program))) {
    yield;
    found.push(...lowering.study(study).diagnostics);
  }
  found.push(...checkPatches(lowering), ...checkBatchNorms(lowering), ...checkReports(lowering, found));
  return sortDiagnostics(program, silenceFollowers(program.files, found));
}

function* checkModel(
  program: Program,
  declaration: ModelNode | VariantNode,
  lowering: Lowering,
): Generator<undefined, Diagnostic[]> {
  const bound = lowering.of(declaration);
  if (bound === undefined) return [];
  const { model, lowered } = bound;
  if (declaration.kind === 'Variant') return checkVariant(program, declaration, lowered, lowering);
  const found = [...lowered.diagnostics];
  if (lowered.network !== undefined) found.push(...(yield* checkRemovals(program, model, lowered.network)));
  return found;
}

/**
 * UNET4002, UNET4003: a variant must change something, and each of its settings must (the first follows from the
 * second).
 */
function checkVariant(program: Program, variant: VariantNode, lowered: LoweredModel, lowering: Lowering): Diagnostic[] {
  const declaration = baseOf(program.bindings, variant);
  const base = declaration === undefined ? undefined : lowering.of(declaration);
  if (base === undefined) return [...lowered.diagnostics];
  const label = { span: variant.name.span, text: 'in this variant' };
  const found: Diagnostic[] = labelNew(lowered.diagnostics, base.lowered.diagnostics, label);
  const { model } = base;
  for (const setting of settingsOf(variant)) {
    const knob = knobsOf(model).find((each) => each.name.name === setting.name.name);
    if (knob === undefined) continue;
    const set = { settings: new Map(model.settings).set(knob.name.name, setting) };
    if (chosenText(model, knob) === chosenText(set, knob))
      found.push(report('UNET4003', { what: 'knob', name: knob.name.name }, setting.span));
  }
  for (const member of interfaceOf(variant)) {
    const replaced = model.node.members.find(
      (each) => each.kind === member.kind && each.name.name === member.name.name,
    );
    if (replaced?.kind !== 'Input' && replaced?.kind !== 'Output') continue;
    if (printExpression(declaredIn(model, replaced).type) !== printExpression(member.type)) continue;
    const what = member.kind === 'Input' ? 'input' : 'output';
    found.push(report('UNET4003', { what, name: member.name.name }, member.span));
  }
  const idle = found.filter(({ code }) => code === 'UNET4003').length;
  if (idle > 0 && idle === variant.members.length) return found;
  const { network } = base.lowered;
  if (network === undefined || lowered.network === undefined || !sameGraph(network, lowered.network)) return found;
  return [...found, report('UNET4002', { name: variant.name.name, base: variant.base.name }, variant.name.span)];
}

/** UNET4004: each knob's `off` must remove something. Errors in the network without it are reported too. */
function* checkRemovals(program: Program, model: BoundModel, network: Network): Generator<undefined, Diagnostic[]> {
  const found: Diagnostic[] = [];
  const unused = new Set(program.diagnostics.filter(({ code }) => code === 'UNET4001').map(({ span }) => span));
  for (const knob of knobsOf(model)) {
    if (unused.has(knob.name.span)) continue;
    if (knob.off === undefined || model.settings.has(knob.name.name)) continue;
    yield;
    const setting = settingOf(knob.name.name, knob.off);
    const removed = lower(program, { ...model, settings: new Map(model.settings).set(knob.name.name, setting) });
    found.push(...labelNew(removed.diagnostics, [], { span: knob.off.span, text: `if \`${knob.name.name}\` is off` }));
    if (removed.network !== undefined && sameGraph(network, removed.network)) {
      found.push(report('UNET4004', { name: knob.name.name, model: model.name }, knob.off.span));
    }
  }
  return found;
}

/** Labels errors that the base does not have with their origin, unless they are located there. */
function labelNew(diagnostics: readonly Diagnostic[], known: readonly Diagnostic[], label: Label): Diagnostic[] {
  const place = ({ code, span }: Diagnostic): string => `${code} ${span.source.path} ${span.start} ${span.end}`;
  const old = new Set(known.map(place));
  return diagnostics.map((each) => {
    const near = each.span.source === label.span.source && each.span.start >= label.span.start;
    const line = near && !each.span.source.text.slice(label.span.start, each.span.start).includes('\n');
    return old.has(place(each)) || line ? each : { ...each, labels: [...each.labels, label] };
  });
}

/** Each error once, by file in the order of imports, then by position. */
export function sortDiagnostics(program: Program, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const order = new Map([...program.files.keys()].map((path, index) => [path, index]));
  const unique = new Map<string, Diagnostic>();
  for (const each of diagnostics) {
    const key = `${each.code} ${each.span.source.path} ${each.span.start} ${each.span.end}`;
    if (!unique.has(key)) unique.set(key, each);
  }
  const place = (each: Diagnostic): number => order.get(each.span.source.path) ?? order.size;
  return [...unique.values()].sort(
    (a, b) => place(a) - place(b) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
}
