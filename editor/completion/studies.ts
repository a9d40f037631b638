import type { ModelNode, StudyNode, VariantNode } from '../../grammar/ast.js';
import { isName } from '../../grammar/continuation.js';
import { unquote } from '../../grammar/build-context.js';
import * as token from '../../grammar/tokens.js';
import { knobsOf } from '../../compiler/bind/references.js';
import type { Symbol } from '../../compiler/bind/symbol.js';
import { variantBase } from '../../compiler/program/program.js';
import { studyEntryForms, studyEntryWords } from '../../compiler/study/read-study.js';
import { measures } from '../../compiler/study/study.js';
import { lookUpAt, type Place } from '../place.js';
import type { Context } from './context.js';
import { choice, ranks, word, type Proposal } from './items.js';
import type { Site } from './site.js';
import { knobProposal, statementAt, visible } from './proposals.js';

/** The entries that the study at a place does not have yet, with their forms. */
export function missingEntries(place: Site): readonly (readonly [name: string, form: string])[] {
  const entries = studyAt(place)?.entries ?? [];
  const present = new Set(entries.filter(({ span }) => span.end < place.offset).map(({ name }) => name.name));
  return [...studyEntryForms].filter(([name]) => !present.has(name));
}

/** Proposals for an entry of a study: a name, or words that continue one. */
export function studyValues(place: Site, { member, bracket, before }: Context): readonly Proposal[] {
  const entry = unquote(member[0]?.image ?? '');
  const isList = bracket !== undefined;
  const written = bracket?.argument ?? member.slice(2);
  if (before === undefined || member.length < 2) return [];
  if (written.length === 0) return values(place, entry, isList, bracket?.words ?? []);
  const [value] = written;
  if (value === undefined || (entry !== 'variants' && entry !== 'rivals')) return [];
  const has = (type: typeof before.tokenType): boolean => written.slice(1).some(({ tokenType }) => tokenType === type);
  if (before.tokenType === token.By && has(token.Equal)) return intKnobs(place, unquote(value.image));
  if (has(token.By)) return [];
  if (has(token.Equal)) {
    const awaitsMeasure = before.tokenType === token.Equal;
    return awaitsMeasure
      ? measures.map((each) => choice(each, 'matched to the base'))
      : [word('by', 'the knob to solve for')];
  }
  const canDiffer = entry === 'rivals' && isList && isName(before) && !has(token.Unmatched);
  const unmatched = canDiffer ? [word('unmatched', 'followed by the reason', 'unmatched "')] : [];
  const isWhole = before.tokenType === token.StringLiteral || !has(token.Unmatched);
  return [...unmatched, ...(isWhole ? [word('equal', 'params or macs, by a knob')] : [])];
}

/** The names that an entry accepts, and its words unless it is a list. */
function values(place: Site, entry: string, isList: boolean, listed: readonly string[]): readonly Proposal[] {
  const words = isList
    ? []
    : (studyEntryWords[entry] ?? []).map((each) => choice(each, studyEntryForms.get(entry) ?? ''));
  return [...words, ...names(place, entry, isList).filter(({ label }) => !listed.includes(label))];
}

function names(place: Site, entry: string, isList: boolean): readonly Proposal[] {
  const isModel = (symbol: Symbol): boolean => symbol.kind === 'model';
  switch (entry) {
    case 'protocol':
      return isList ? [] : visible(place, (symbol) => symbol.kind === 'protocol');
    case 'base':
      return isList ? [] : visible(place, isModel);
    case 'variants':
      return isList ? variantsOfBase(place) : [];
    case 'rivals':
      return isList ? visible(place, (symbol) => symbol.kind === 'model' && symbol.name !== baseName(place)) : [];
    default:
      return [];
  }
}

function studyAt(place: Site): StudyNode | undefined {
  const statement = statementAt(place);
  return statement?.kind === 'Study' ? statement : undefined;
}

function baseName(place: Site): string | undefined {
  const value = studyAt(place)?.entries.find(({ name }) => name.name === 'base')?.values[0]?.value;
  return value?.kind === 'Name' ? value.name : undefined;
}

/** Variants of the study's base first; all variants if the base is not specified yet. */
function variantsOfBase(place: Site): readonly Proposal[] {
  const name = baseName(place);
  const symbol = name === undefined ? undefined : lookUpAt(place, name);
  const base = symbol?.kind === 'model' ? symbol.declaration : undefined;
  const proposals = visible(place, (each) => each.kind === 'model' && isDerivedFrom(place, each.declaration, base));
  return proposals.map((each) => ({ ...each, rank: ranks.here }));
}

function isDerivedFrom(
  { analysis }: Place,
  model: ModelNode | VariantNode,
  base: ModelNode | VariantNode | undefined,
): boolean {
  if (base === undefined) return model.kind === 'Variant';
  const passed = new Set([model]);
  let current = variantBase(analysis.program, model);
  while (current !== undefined && current !== base && !passed.has(current)) {
    passed.add(current);
    current = variantBase(analysis.program, current);
  }
  return current === base;
}

/** The knobs that can be solved for: integer knobs of the model, or of the base if variants are derived. */
function intKnobs(place: Site, name: string): readonly Proposal[] {
  const named = lookUpAt(place, name);
  const base = baseName(place);
  const symbol = named?.kind === 'model' ? named : base === undefined ? undefined : lookUpAt(place, base);
  const knobs = knobsOf(symbol, place.analysis.program.bindings);
  return knobs.filter(({ type }) => type.name.name === 'int').map(knobProposal);
}
