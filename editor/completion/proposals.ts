import { CompletionItemKind } from 'vscode-languageserver';
import type { Expression, KnobNode, ModelNode, Statement } from '../../grammar/ast.js';
import { findAxes } from '../../compiler/bind/axes.js';
import { isList } from '../../compiler/bind/bind.js';
import { choices, typeNames } from '../../compiler/bind/builtins.js';
import type { Importable } from '../../compiler/bind/importable.js';
import { knobsOf } from '../../compiler/bind/references.js';
import { createScope, lookUp, visibleNames } from '../../compiler/bind/scope.js';
import type { Symbol } from '../../compiler/bind/symbol.js';
import { lookUpAt, type Place } from '../place.js';
import { symbolSignature } from '../signatures.js';
import type { Workspace } from '../workspace.js';
import type { Bracket } from './context.js';
import { choice, nameProposal, plain, ranks, word, type Proposal } from './items.js';
import type { Site } from './site.js';

/** The knobs that a variant may set, with their declarations. */
export function knobsOfBase(place: Site): readonly Proposal[] {
  const variant = statementAt(place);
  const base = variant?.kind === 'Variant' ? lookUpAt(place, variant.base.name) : undefined;
  const set = new Set(variant?.kind === 'Variant' ? variant.members.map(({ name }) => name.name) : []);
  return knobsOf(base, place.analysis.program.bindings)
    .filter(({ name }) => !set.has(name.name))
    .map((knob) => {
      const proposal = knobProposal(knob);
      return { ...proposal, text: `${proposal.text} = ` };
    });
}

export function knobProposal(knob: KnobNode): Proposal {
  const { name } = knob.name;
  return { ...nameProposal(name, { kind: 'knob', name, declaration: knob }), rank: ranks.here };
}

export function typeWords(): readonly Proposal[] {
  const waiting = ['layer(int)', 'layer(int, size)', 'fusion(int)', 'list(int)', 'list(size)'];
  return [...typeNames, ...waiting].map((each) => choice(each, 'type'));
}

export function initialisers(): readonly Proposal[] {
  return choices['an initialiser'].map((each) => choice(each, 'initialiser'));
}

/** Arguments of a callee that are not given yet. */
export function namedArguments(place: Site, { word: called, given, positional }: Bracket): readonly Proposal[] {
  const signature = symbolSignature(lookUpAt(place, called), place.analysis);
  return (signature?.parameters ?? [])
    .filter(({ name }, index) => name !== '' && index >= positional && !given.includes(name))
    .map(({ name, text }) => plain(name, CompletionItemKind.Field, text, `${name}: `));
}

/** Names that a part may list in its parentheses. */
export function partParameters(place: Site): readonly Proposal[] {
  const lists = modelAt(place)?.members.flatMap((member) => (member.kind === 'Half' ? member.members : [])) ?? [];
  const names = lists
    .filter((part) => part.kind === 'Part')
    .filter(isList)
    .map(({ name }) => name.name);
  return [
    plain('i', CompletionItemKind.Variable, 'the level, 0 at full resolution'),
    plain('c', CompletionItemKind.Variable, 'the width of the level'),
    plain('n', CompletionItemKind.Variable, 'the number of levels'),
    ...[...new Set(names)]
      .filter((name) => name !== '')
      .map((each) => plain(each, CompletionItemKind.Variable, 'a list of this half')),
  ];
}

/** Channels or classes in other specs, because models that are compared share them. */
export function labels(workspace: Workspace, place: Site, bracket: Bracket): readonly Proposal[] {
  if (bracket.kind === 'index' || bracket.kind === 'list')
    return bracket.word === 'image' || bracket.kind === 'index' ? axes(place) : [];
  if (!['image', 'classes', 'regions'].includes(bracket.word)) return [];
  const kind = bracket.word === 'image' ? 'Input' : 'Output';
  const here = bracket.word === 'image' ? 'channel' : 'class';
  const found = new Set<string>();
  for (const path of workspace.paths()) {
    const file = workspace.analysis(path)?.fileOf(path);
    for (const statement of file?.statements ?? []) {
      if (statement.kind !== 'Model') continue;
      for (const member of statement.members) {
        if (member.kind === kind && !(path === place.path && holds(member.span, place.offset))) {
          for (const name of labelNames(member.type)) found.add(name);
        }
      }
    }
  }
  return [...found]
    .filter((name) => !bracket.words.includes(name))
    .map((name) => plain(name, CompletionItemKind.EnumMember, `${here} of another model`));
}

function labelNames(type: Expression): readonly string[] {
  if (type.kind === 'Index') return labelNames(type.target);
  if (type.kind !== 'Call') return [];
  return type.arguments.flatMap(({ value }) => (value.kind === 'Name' && value.name !== '' ? [value.name] : []));
}

/** Names and keywords that may begin an expression. */
export function expressionStart(place: Site): readonly Proposal[] {
  const excluded: readonly Symbol['kind'][] = ['model', 'protocol', 'study'];
  const names = visible(place, (symbol) => !excluded.includes(symbol.kind));
  return [...names, ...['if', 'not', 'true', 'false'].map((each) => word(each))];
}

/** Names in scope, without those declared further down; then names that can be imported. */
export function visible(place: Site, wanted: (symbol: Symbol) => boolean): readonly Proposal[] {
  const scope = place.analysis.scopeAt(place.path, place.offset) ?? createScope();
  const known = visibleNames(scope).flatMap((name) => {
    const symbol = lookUp(scope, name);
    if (symbol === undefined || name === '' || !wanted(symbol) || isLater(place, symbol)) return [];
    return [nameProposal(name, symbol)];
  });
  const imported = place.importable().flatMap(({ name, declaration, use }) => {
    const symbol = importedSymbol(name, declaration, use);
    if (name === '' || lookUp(scope, name) !== undefined || !wanted(symbol)) return [];
    return [{ ...nameProposal(name, symbol), rank: ranks.imported, use }];
  });
  return [...known, ...imported];
}

function importedSymbol(name: string, declaration: Importable['declaration'], file: string): Symbol {
  switch (declaration.kind) {
    case 'Block':
      return { kind: 'block', name, declaration, file };
    case 'Model':
    case 'Variant':
      return { kind: 'model', name, declaration, file };
    case 'Protocol':
      return { kind: 'protocol', name, declaration, file };
    case 'Study':
      return { kind: 'study', name, declaration, file };
  }
}

function isLater({ path, offset }: Place, symbol: Symbol): boolean {
  if (symbol.kind !== 'let' && symbol.kind !== 'knob') return false;
  const { span } = symbol.declaration;
  if (symbol.kind === 'let' && symbol.declaration.indices.length > 0) return false;
  return span.source.path === path && span.end >= offset;
}

/** The axes that the block or model around a place mentions. */
export function axes(place: Site): readonly Proposal[] {
  const statement = statementAt(place);
  if (statement === undefined) return [];
  const names = new Set<string>();
  for (const { at } of findAxes(statement)) if (!holds(at.span, place.offset)) names.add(at.name);
  return [...names].map((name) => plain(name, CompletionItemKind.TypeParameter, 'axis'));
}

export function statementAt({ file, offset }: Place): Statement | undefined {
  return file.statements.findLast(({ span }) => span.start <= offset);
}

function modelAt(place: Site): ModelNode | undefined {
  const statement = statementAt(place);
  return statement?.kind === 'Model' ? statement : undefined;
}

function holds({ start, end }: { readonly start: number; readonly end: number }, offset: number): boolean {
  return start <= offset && offset <= end;
}
