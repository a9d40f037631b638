import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver';
import type { Expression, ModelNode, Statement } from '../../grammar/ast.js';
import { isName } from '../../grammar/continuation.js';
import { unquote } from '../../grammar/build-context.js';
import * as token from '../../grammar/tokens.js';
import { findAxes } from '../../compiler/bind/axes.js';
import { isList, modelOf } from '../../compiler/bind/bind.js';
import { choices, typeNames } from '../../compiler/bind/builtins.js';
import { createScope, lookUp, visibleNames } from '../../compiler/bind/scope.js';
import type { Symbol } from '../../compiler/bind/symbol.js';
import { partNames } from '../../compiler/lower/halves.js';
import { initKeys } from '../../compiler/lower/model.js';
import { entryForms } from '../../compiler/protocol/lower-protocol.js';
import { lookUpAt, type Place } from '../place.js';
import { symbolSignature } from '../signatures.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';
import { contextAt, usePath, type Bracket, type Context } from './context.js';
import { choice, nameProposal, plain, ranks, toItem, word, type Proposal } from './items.js';
import { completePath } from './paths.js';

/** What may be written at a place: words by position, names in scope, arguments, axes, classes, files. */
export function completionsAt(workspace: Workspace, place: Place): readonly CompletionItem[] {
  const { source } = place.file;
  const path = usePath(source.text, place.offset);
  if (path !== undefined) return completePath(workspace, place, path);
  const context = contextAt(source.text, place.offset);
  if (context === undefined) return [];
  const proposals = new Map<string, Proposal>();
  const own = declaredName(context);
  for (const each of proposalsFor(workspace, place, context)) {
    if (!proposals.has(each.label) && each.label !== own) proposals.set(each.label, each);
  }
  const range = toRange({ source, start: context.start, end: place.offset });
  return [...proposals.values()]
    .sort((a, b) => a.rank - b.rank || (a.label < b.label ? -1 : 1))
    .map((proposal) => toItem(proposal, range));
}

/** What the member itself declares, which its own value cannot name; a family may. */
function declaredName({ member: [first, second, third] }: Context): string | undefined {
  const declares = ['let', 'knob', 'param', 'model'].includes(first?.image ?? '');
  return declares && second !== undefined && third?.tokenType !== token.IndexOpen ? unquote(second.image) : undefined;
}

function proposalsFor(workspace: Workspace, place: Place, context: Context): readonly Proposal[] {
  const { before, bracket } = context;
  if (before?.tokenType === token.Dot) return properties();
  if (before === undefined || before.tokenType === token.Separator) return memberWords(place, context);
  if (bracket === undefined) return inMember(place, context);
  return inBracket(workspace, place, context, bracket);
}

function properties(): readonly Proposal[] {
  return [
    plain('classes', CompletionItemKind.Property, 'the number of labels of an output'),
    plain('regions', CompletionItemKind.Property, 'the number of labels of an output'),
    plain('count', CompletionItemKind.Property, 'the number of values of an identifier'),
  ];
}

/** What a member begins with. */
function memberWords(place: Place, { container }: Context): readonly Proposal[] {
  const member = (name: string, detail: string): Proposal =>
    plain(name, CompletionItemKind.Property, detail, `${name}: `);
  switch (container) {
    case 'file':
      return ['use', 'block', 'model', 'protocol'].map((each) => word(each));
    case 'block':
      return [word('let'), word('param'), ...expressionStart(place)];
    case 'model': {
      const words = ['input', 'output', 'knob', 'encoder', 'decoder', 'head', 'aux', 'init', 'let'];
      return [...words.map((each) => word(each)), ...visible(place, (symbol) => symbol.kind === 'output')];
    }
    case 'encoder':
      return [
        member('widths', 'list of levels'),
        ...partNames.encoder.map((each) => member(each, 'part of the encoder')),
      ];
    case 'decoder':
      return [...partNames.decoder.map((each) => member(each, 'part of the decoder')), word('aux')];
    case 'variant':
      return knobsOfBase(place);
    case 'init':
      return initKeys.map((each) => member(each, 'kind of layer'));
    case 'protocol':
      return [...entryForms].map(([name, form]) => member(name, form));
  }
}

/** The knobs that a variant may set, with their declarations. */
function knobsOfBase(place: Place): readonly Proposal[] {
  const variant = statementAt(place);
  const scopes = place.analysis.program.bindings;
  const base = variant?.kind === 'Variant' ? lookUpAt(place, variant.base.name) : undefined;
  const model = base === undefined ? undefined : modelOf(base, (file) => scopes.get(file)?.scope);
  const set = new Set(variant?.kind === 'Variant' ? variant.settings.map(({ name }) => name.name) : []);
  const knobs = (model?.members ?? []).filter((member) => member.kind === 'Knob');
  return knobs
    .filter(({ name }) => !set.has(name.name))
    .map((knob) => {
      const symbol: Symbol = { kind: 'knob', name: knob.name.name, declaration: knob };
      const proposal = nameProposal(knob.name.name, symbol);
      return { ...proposal, text: `${proposal.text} = `, rank: ranks.here };
    });
}

/** Inside a member and no bracket: a type, an output, a value or the word that goes on. */
function inMember(place: Place, context: Context): readonly Proposal[] {
  const { container, member, before } = context;
  const first = member[0]?.image ?? '';
  const after = before?.tokenType;
  const types = after === token.Colon;
  if (first === 'head' || first === 'aux') {
    if (member.length === 1) return visible(place, (symbol) => symbol.kind === 'output');
  } else if (container === 'model' && types && first === 'knob') return typeWords();
  else if (container === 'model' && types && first === 'input')
    return [choice('image', 'scan'), choice('identifier', 'site')];
  else if (container === 'model' && types && first === 'output') {
    return [choice('classes', 'labels that exclude each other'), choice('regions', 'labels that overlap')];
  } else if (container === 'block' && types && first === 'param')
    return [choice('scalar', 'one number'), ...axes(place)];
  else if (container === 'file' && first === 'model' && after === token.Equals) {
    return visible(place, (symbol) => symbol.kind === 'model');
  } else if (container === 'protocol') return types ? entryWords(first) : [];
  else if (container === 'init') return types ? initialisers() : [];
  if (container === 'file') return [];
  const value = goesOn(before) ? continuations(context) : expressionStart(place);
  const fits = types && first === 'fit' ? choices['a way to fit'].map((each) => choice(each, 'way to fit')) : [];
  const off = container === 'variant' && after === token.Equals ? [word('off', "the knob's removal")] : [];
  return awaitsName(member) ? [] : [...fits, ...off, ...value];
}

/** Whether what comes is a name of the user's own. */
function awaitsName(member: IContextTokens): boolean {
  const last = member.at(-1)?.image ?? '';
  const named = ['let', 'param', 'knob', 'input', 'output', 'block', 'model', 'protocol', 'as', 'for'];
  if (last === 'as' || last === 'for') return true;
  return member.length === 1 && named.includes(last);
}

type IContextTokens = Context['member'];

function typeWords(): readonly Proposal[] {
  const waiting = ['layer(int)', 'fusion(int)', 'list(int)', 'list(size)'];
  return [...typeNames, ...waiting].map((each) => choice(each, 'type'));
}

function initialisers(): readonly Proposal[] {
  return choices['an initialiser'].map((each) => choice(each, 'initialiser'));
}

/** The words in the form of a protocol's entry: `cosine`, `adamw`, ... */
function entryWords(entry: string): readonly Proposal[] {
  const form = (entryForms.get(entry) ?? '').replace(/, of which.*/, '');
  const quoted = [...form.matchAll(/`([^`]*)`/g)].map(([, text]) => text ?? '');
  const words = quoted.flatMap((text) => /^[a-z_]+/.exec(text)?.[0] ?? []);
  return [...new Set(words)].map((each) => choice(each, form));
}

/** Whether an operand ends before the place, so that an operator must follow. */
function goesOn(before: Context['before']): boolean {
  if (before === undefined) return false;
  const { tokenType } = before;
  const ends = [token.GroupClose, token.ListClose, token.IntegerLiteral, token.FloatLiteral, token.True, token.False];
  return ends.includes(tokenType) || isName(before);
}

/** Words that go on with an expression, and those that the member still waits for. */
function continuations({ member, container }: Context): readonly Proposal[] {
  const has = (type: IContextTokens[number]['tokenType']): number =>
    member.filter((each) => each.tokenType === type).length;
  const words = ['and', 'or'];
  if (has(token.If) > has(token.Then)) words.unshift('then');
  else if (has(token.Then) > has(token.Else)) words.unshift('else');
  if (has(token.Arrow) > 0) words.push('when', 'as');
  if (member[0]?.image === 'knob' && has(token.Off) === 0) words.unshift('off');
  if (member[0]?.image === 'aux') words.push('when');
  if (container === 'model' && ['let', 'aux'].includes(member[0]?.image ?? '')) words.push('for');
  if (member.at(-2)?.tokenType === token.For || member.at(-2)?.tokenType === token.Comma) words.unshift('in');
  return words.map((each) => word(each));
}

function inBracket(workspace: Workspace, place: Place, context: Context, bracket: Bracket): readonly Proposal[] {
  const { container, member, before } = context;
  const first = member[0]?.image ?? '';
  if (container === 'file' && first === 'block')
    return before?.tokenType === token.Colon ? typeWords() : expressionInBlock(place, before);
  if (container === 'protocol') return [];
  if (container === 'model' && (first === 'input' || first === 'output')) {
    return labels(workspace, place, bracket);
  }
  const isPart =
    (container === 'encoder' || container === 'decoder') && !member.some(({ tokenType }) => tokenType === token.Colon);
  if (isPart) return partParameters(place);
  if (goesOn(before)) return continuations(context);
  const argument =
    bracket.argument.at(-1)?.tokenType === token.Colon ? unquote(bracket.argument[0]?.image ?? '') : undefined;
  const around = argument ?? outerArgument(bracket);
  if (around !== undefined && ['over', 'into', 'axis'].includes(around)) return axes(place);
  if (argument === 'init') return initialisers();
  const inCall = bracket.kind === 'call';
  const special = inCall && argument === undefined ? callWords(bracket) : [];
  const named = inCall && bracket.argument.length === 0 ? namedArguments(place, bracket) : [];
  const axisNames = bracket.kind === 'call' || bracket.kind === 'group' ? [] : axes(place);
  return [
    ...special,
    ...named,
    ...axisNames,
    ...expressionStart(place),
    ...axes(place).map((each) => ({ ...each, rank: ranks.local })),
  ];
}

function expressionInBlock(place: Place, before: Context['before']): readonly Proposal[] {
  return before?.tokenType === token.Equals ? expressionStart(place) : [];
}

/** The argument that a list is given as: `over` in `mean(x, over: [`. */
function outerArgument({ kind, outer }: Bracket): string | undefined {
  if (kind !== 'list' || outer === undefined) return undefined;
  const [name, colon] = outer.argument;
  if (name === undefined || colon?.tokenType !== token.Colon) {
    return outer.word === 'merge' ? 'into' : undefined;
  }
  return unquote(name.image);
}

/** Words that only some calls take. */
function callWords({ word: called }: Bracket): readonly Proposal[] {
  if (called === 'resize') return choices['a resize mode'].map((each) => choice(each, 'resize mode'));
  if (/^kaiming_/.test(called)) return choices['a fan'].map((each) => choice(each, 'fan'));
  return [];
}

/** Arguments of what is called that are not given yet. */
function namedArguments(place: Place, { word: called, given, positional }: Bracket): readonly Proposal[] {
  const signature = symbolSignature(lookUpAt(place, called), place.analysis);
  return (signature?.parameters ?? [])
    .filter(({ name }, index) => name !== '' && index >= positional && !given.includes(name))
    .map(({ name, text }) => plain(name, CompletionItemKind.Field, text, `${name}: `));
}

/** What a part may name between its parentheses. */
function partParameters(place: Place): readonly Proposal[] {
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
      .map((each) => plain(each, CompletionItemKind.Variable, 'a list of the half')),
  ];
}

/** Channels or classes that other specs name: models that are compared share them. */
function labels(workspace: Workspace, place: Place, bracket: Bracket): readonly Proposal[] {
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

/** Names that may begin an expression, and the words that do. */
function expressionStart(place: Place): readonly Proposal[] {
  const excluded: readonly Symbol['kind'][] = ['model', 'protocol'];
  const names = visible(place, (symbol) => !excluded.includes(symbol.kind));
  return [...names, ...['if', 'not', 'true', 'false'].map((each) => word(each))];
}

/** Names in scope; those that are declared further down are not there yet. */
function visible(place: Place, wanted: (symbol: Symbol) => boolean): readonly Proposal[] {
  const scope = place.analysis.scopeAt(place.path, place.offset) ?? createScope();
  return visibleNames(scope).flatMap((name) => {
    const symbol = lookUp(scope, name);
    if (symbol === undefined || name === '' || !wanted(symbol) || isLater(place, symbol)) return [];
    return [nameProposal(name, symbol)];
  });
}

function isLater({ path, offset }: Place, symbol: Symbol): boolean {
  if (symbol.kind !== 'let' && symbol.kind !== 'knob') return false;
  const { span } = symbol.declaration;
  if (symbol.kind === 'let' && symbol.declaration.indices.length > 0) return false;
  return span.source.path === path && span.end >= offset;
}

/** The axes that the block or model around a place mentions. */
function axes(place: Place): readonly Proposal[] {
  const statement = statementAt(place);
  if (statement === undefined) return [];
  const names = new Set<string>();
  for (const { at } of findAxes(statement)) if (!holds(at.span, place.offset)) names.add(at.name);
  return [...names].map((name) => plain(name, CompletionItemKind.TypeParameter, 'axis'));
}

function statementAt({ file, offset }: Place): Statement | undefined {
  return file.statements.findLast(({ span }) => span.start <= offset);
}

function modelAt(place: Place): ModelNode | undefined {
  const statement = statementAt(place);
  return statement?.kind === 'Model' ? statement : undefined;
}

function holds({ start, end }: { readonly start: number; readonly end: number }, offset: number): boolean {
  return start <= offset && offset <= end;
}
