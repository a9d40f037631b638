import { CompletionItemKind } from 'vscode-languageserver';
import { unquote } from '../../grammar/build-context.js';
import * as token from '../../grammar/tokens.js';
import { placeDoc, wordText } from '../../compiler/protocol/protocol-text.js';
import {
  argumentOf,
  entryWords,
  isEntryName,
  wordOf,
  type EntryWords,
  type Word,
  type Words,
} from '../../contract/protocol-words.js';
import { identifierInputs } from '../identifiers.js';
import type { Place } from '../place.js';
import { declarationText } from '../signatures.js';
import type { Workspace } from '../workspace.js';
import type { Bracket, Context } from './context.js';
import { choice, plain, type Proposal } from './items.js';

/** A value begins after one of these. */
const beginsValue = [
  token.Colon,
  token.Comma,
  token.CallOpen,
  token.ListOpen,
  token.GroupOpen,
  token.Plus,
  token.Times,
];

/** Completions for a protocol's entry: words, their arguments, and in `identify` the inputs of models. */
export function protocolValues(workspace: Workspace, place: Place, context: Context): readonly Proposal[] {
  const { member, bracket, before } = context;
  const entry = unquote(member[0]?.image ?? '');
  if (before === undefined || !beginsValue.includes(before.tokenType) || !isEntryName(entry)) return [];
  const isNew = bracket !== undefined && bracket.argument.length === 0;
  if (isNew && bracket.kind === 'list' && entry === 'identify') return inputs(workspace, place, bracket);
  const words = proposalsOf(wordsIn(entryWords[entry], bracket));
  if (!isNew || bracket.kind !== 'call') return words;
  const { named = {} } = calledWord(context, bracket) ?? {};
  const lacking = Object.entries(named).filter(([name]) => !bracket.given.includes(name));
  return [
    ...(bracket.positional > 0 ? [] : words),
    ...lacking.map(([name, place]) => plain(name, CompletionItemKind.Field, placeDoc(place), `${name}: `)),
  ];
}

/** The word of a protocol whose arguments a bracket contains. */
export function calledWord({ member }: Context, bracket: Bracket): Word | undefined {
  const entry = unquote(member[0]?.image ?? '');
  return isEntryName(entry) ? wordOf(wordsIn(entryWords[entry], bracket.outer), bracket.word) : undefined;
}

function proposalsOf(words: Words | undefined): readonly Proposal[] {
  return Object.entries(words ?? {}).map(([name, word]) => ({ ...choice(name, wordText(name, word)), doc: word.doc }));
}

/** The words allowed inside a bracket of an entry, or outside brackets. */
function wordsIn(entry: EntryWords, bracket: Bracket | undefined): Words | undefined {
  if (bracket === undefined) return entry.words ?? entry.items;
  if (bracket.kind === 'group') return wordsIn(entry, bracket.outer);
  if (bracket.kind === 'list')
    return bracket.outer === undefined
      ? (entry.items ?? entry.sources ?? (entry.byChannel === true ? entry.words : undefined))
      : undefined;
  const [name, colon] = bracket.argument;
  const given = colon?.tokenType === token.Colon ? unquote(name?.image ?? '') : undefined;
  return argumentOf(wordOf(wordsIn(entry, bracket.outer), bracket.word), given)?.words;
}

function inputs(workspace: Workspace, place: Place, { given }: Bracket): readonly Proposal[] {
  return identifierInputs(workspace, place)
    .filter(({ name }) => name.name !== '' && !given.includes(name.name))
    .map((input) => {
      const proposal = plain(input.name.name, CompletionItemKind.Interface, declarationText(input));
      return { ...proposal, text: `${proposal.text}: ` };
    });
}
