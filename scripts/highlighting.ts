/** What highlighting is derived from: the language's own tokens and names, by what they do. */
import type { TokenType } from 'chevrotain';
import { choiceNames, functionNames, primitiveNames, typeNames } from '../compiler/bind/builtins.js';
import { ablationModes } from '../compiler/study/study.js';
import * as token from '../grammar/tokens.js';

/** The pattern of a token, as the source of a regular expression. */
export function sourceOf({ PATTERN: pattern }: TokenType): string {
  if (pattern instanceof RegExp) return pattern.source;
  return (typeof pattern === 'string' ? pattern : '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Signs, longest first where one begins with another. */
export const operators = [token.Equals, token.Spread, token.DotDot, ...token.vocabulary.filter(isInfix)];

function isInfix(type: TokenType): boolean {
  return (type.CATEGORIES ?? []).includes(token.Infix) && typeof type.PATTERN === 'string';
}

/** Reserved words by what they do; one that is in no group does not compile. */
export const groups = new Map<TokenType, string>([
  ...[token.Let, token.Param].map((each) => [each, 'keyword.declaration'] as const),
  ...[token.If, token.Then, token.Else, token.When, token.For, token.In, token.As].map(
    (each) => [each, 'keyword.control'] as const,
  ),
  ...[token.And, token.Or, token.Not].map((each) => [each, 'keyword.operator.word'] as const),
  ...[token.True, token.False, token.Off].map((each) => [each, 'constant.language'] as const),
]);
for (const each of token.reservedWords) if (!groups.has(each)) throw new Error(`\`${sourceOf(each)}\` is in no group`);

/** Words that open a member and are names elsewhere. */
export const halves = [token.Encoder, token.Decoder, token.Init];
const inStudies = [token.Unmatched, token.Equal, token.By];
const openers = token.contextualWords.filter((each) => each !== token.Fallback && !inStudies.includes(each));
export const declaring = [token.Block, token.Model, token.Protocol, token.Study];
export const members = openers.filter(
  (each) => !halves.includes(each) && !declaring.includes(each) && each !== token.Use,
);

/** Names that the language provides, longest first. */
export const functions = longestFirst([...functionNames, ...primitiveNames]);
export const choices = longestFirst([...choiceNames, ...ablationModes]);
export const types = longestFirst(typeNames);

function longestFirst(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}
