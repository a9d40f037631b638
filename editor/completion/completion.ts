import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver';
import { isName } from '../../grammar/continuation.js';
import { unquote } from '../../grammar/build-context.js';
import * as token from '../../grammar/tokens.js';
import { choices } from '../../compiler/bind/builtins.js';
import { partNames } from '../../compiler/lower/halves.js';
import { initKeys } from '../../compiler/lower/model.js';
import { entryForm } from '../../compiler/protocol/protocol-text.js';
import { entryNames, entryWords } from '../../contract/protocol-words.js';
import type { Place } from '../place.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';
import { contextAt, usePath, type Bracket, type Context } from './context.js';
import { choice, plain, ranks, toItem, word, type Proposal } from './items.js';
import { completePath } from './paths.js';
import {
  axes,
  expressionStart,
  initialisers,
  knobsOfBase,
  labels,
  namedArguments,
  partParameters,
  typeWords,
  visible,
} from './proposals.js';
import { protocolValues } from './protocols.js';
import type { Site } from './site.js';
import { callSnippet, snippetProposals } from './snippets.js';
import { missingEntries, studyValues } from './studies.js';

/**
 * Completions at a place: keywords by position, names in scope or to import, arguments, axes, classes, files.
 * @param snippets whether the client supports snippets
 */
export function completionsAt(workspace: Workspace, at: Place, snippets = false): readonly CompletionItem[] {
  const loaded = at.analysis.program.files.get(at.path);
  const place: Site = { ...at, importable: () => (loaded === undefined ? [] : workspace.importableInto(loaded)) };
  const { source } = place.file;
  const path = usePath(source.text, place.offset);
  if (path !== undefined) return completePath(workspace, place, path);
  const context = contextAt(source.text, place.offset);
  if (context === undefined) return [];
  const proposals = new Map<string, Proposal>();
  const own = declaredName(context);
  for (const each of proposalsFor(workspace, place, context)) {
    if (each.kind === CompletionItemKind.Snippet && !snippets) continue;
    const key = `${each.label} ${each.snippet ?? ''}`;
    if (!proposals.has(key) && each.label !== own) proposals.set(key, each);
  }
  const range = toRange({ source, start: context.start, end: place.offset });
  return [...proposals.values()]
    .sort((a, b) => a.rank - b.rank || (a.label < b.label ? -1 : 1))
    .map((proposal) => toItem(completeCall(place, context, proposal), { file: place.file, range, snippets }));
}

/** A step that must have arguments is proposed with places for them. */
function completeCall(place: Site, { before }: Context, proposal: Proposal): Proposal {
  const isStep = before?.tokenType === token.Arrow && !place.file.source.text.startsWith('(', place.offset);
  const { signature } = proposal;
  return !isStep || signature === undefined
    ? proposal
    : { ...proposal, snippet: callSnippet(proposal.text, signature) };
}

/** The name that the member itself declares, which its own value cannot use; a family may. */
function declaredName({ member: [first, second, third] }: Context): string | undefined {
  const declares = ['let', 'knob', 'param', 'model'].includes(first?.image ?? '');
  return declares && second !== undefined && third?.tokenType !== token.IndexOpen ? unquote(second.image) : undefined;
}

function proposalsFor(workspace: Workspace, place: Site, context: Context): readonly Proposal[] {
  const { before, bracket } = context;
  if (before?.tokenType === token.Dot) return properties();
  if (before === undefined || before.tokenType === token.Separator) {
    return [...memberWords(place, context), ...snippetProposals(place, context.container)];
  }
  if (context.container === 'protocol') return protocolValues(workspace, place, context);
  if (bracket === undefined) return inMember(place, context);
  return inBracket(workspace, place, context, bracket);
}

function properties(): readonly Proposal[] {
  return [
    plain('classes', CompletionItemKind.Property, 'Number of labels of the output'),
    plain('regions', CompletionItemKind.Property, 'Number of labels of the output'),
    plain('count', CompletionItemKind.Property, 'Number of values of the identifier'),
  ];
}

/** Words with which a member can begin. */
function memberWords(place: Site, { container }: Context): readonly Proposal[] {
  const member = (name: string, detail: string): Proposal =>
    plain(name, CompletionItemKind.Property, detail, `${name}: `);
  switch (container) {
    case 'file':
      return ['use', 'block', 'model', 'protocol', 'study'].map((each) => word(each));
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
      return [...knobsOfBase(place), word('input'), word('output')];
    case 'init':
      return initKeys.map((each) => member(each, 'kind of layer'));
    case 'protocol':
      return entryNames.map((name) => member(name, entryForm(entryWords[name])));
    case 'study':
      return missingEntries(place).map(([name, form]) => member(name, form));
  }
}

/** Proposals inside a member and outside brackets: what only this position accepts, or a value and words that continue one. */
function inMember(place: Site, context: Context): readonly Proposal[] {
  if (context.container === 'study') return studyValues(place, context);
  const only = onlyHere(place, context);
  if (only !== undefined) return only;
  const { container, member, before } = context;
  if (container === 'file' || awaitsName(member)) return [];
  if (continuesAfter(before)) return continuations(context);
  const fits = member[0]?.image === 'fit' ? choices['a `fit` method'].map((each) => choice(each, '`fit` method')) : [];
  const off = container === 'variant' ? [word('off', 'removes the component of the knob')] : [];
  return [...fits, ...off, ...expressionStart(place)];
}

/** Outputs, types and other words for positions that do not accept values; undefined if values are accepted. */
function onlyHere(place: Site, { container, member, before }: Context): readonly Proposal[] | undefined {
  const first = member[0]?.image ?? '';
  const afterColon = before?.tokenType === token.Colon;
  if ((first === 'head' || first === 'aux') && member.length === 1) {
    return visible(place, (symbol) => symbol.kind === 'output');
  }
  if (container === 'init') return afterColon ? initialisers() : [];
  if (container === 'file' && first === 'model' && before?.tokenType === token.Equals) {
    return visible(place, (symbol) => symbol.kind === 'model');
  }
  if (container === 'block' && first === 'param' && afterColon)
    return [choice('scalar', 'a single number'), ...axes(place)];
  if (container !== 'model' || !afterColon) return undefined;
  switch (first) {
    case 'knob':
      return typeWords();
    case 'input':
      return [choice('image', 'an image: channels and axes'), choice('identifier', 'one of N values per case')];
    case 'output':
      return [choice('classes', 'mutually exclusive labels'), choice('regions', 'labels that may overlap')];
    default:
      return undefined;
  }
}

/** Whether a new name is expected. */
function awaitsName(member: MemberTokens): boolean {
  const last = member.at(-1)?.image ?? '';
  const named = ['let', 'param', 'knob', 'input', 'output', 'block', 'model', 'protocol', 'study', 'as', 'for'];
  if (last === 'as' || last === 'for') return true;
  return member.length === 1 && named.includes(last);
}

type MemberTokens = Context['member'];

/** Whether an operand ends before the place, so that an operator must follow. */
function continuesAfter(before: Context['before']): boolean {
  if (before === undefined) return false;
  const { tokenType } = before;
  const ends = [token.GroupClose, token.ListClose, token.IntegerLiteral, token.FloatLiteral, token.True, token.False];
  return ends.includes(tokenType) || isName(before);
}

/** Words that continue an expression, and those that the member still needs. */
function continuations({ member, container }: Context): readonly Proposal[] {
  const has = (type: MemberTokens[number]['tokenType']): number =>
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

function inBracket(workspace: Workspace, place: Site, context: Context, bracket: Bracket): readonly Proposal[] {
  const { container, member, before } = context;
  const first = member[0]?.image ?? '';
  if (container === 'file' && first === 'block')
    return before?.tokenType === token.Colon ? typeWords() : expressionInBlock(place, before);
  if (container === 'study') return studyValues(place, context);
  if (container === 'model' && (first === 'input' || first === 'output')) {
    return labels(workspace, place, bracket);
  }
  const isPart =
    (container === 'encoder' || container === 'decoder') && !member.some(({ tokenType }) => tokenType === token.Colon);
  if (isPart) return partParameters(place);
  if (continuesAfter(before)) return continuations(context);
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

function expressionInBlock(place: Site, before: Context['before']): readonly Proposal[] {
  return before?.tokenType === token.Equals ? expressionStart(place) : [];
}

/** The argument that a list belongs to: `over` in `mean(x, over: [`. */
function outerArgument({ kind, outer }: Bracket): string | undefined {
  if (kind !== 'list' || outer === undefined) return undefined;
  const [name, colon] = outer.argument;
  if (name === undefined || colon?.tokenType !== token.Colon) {
    return outer.word === 'merge' ? 'into' : undefined;
  }
  return unquote(name.image);
}

/** Words that only some calls accept. */
function callWords({ word: called }: Bracket): readonly Proposal[] {
  if (called === 'resize') return choices['a resize mode'].map((each) => choice(each, 'resize mode'));
  if (called === 'pad') return choices['a pad mode'].map((each) => choice(each, 'pad mode'));
  if (/^kaiming_/.test(called)) return choices['a fan mode'].map((each) => choice(each, 'fan'));
  return [];
}
