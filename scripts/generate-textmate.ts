/**
 * Writes the TextMate grammar of the VS Code extension from the language's own tokens and names; with `--check` fails
 * where the file differs. It colours single lines: what needs the whole text the language server tells.
 */
import type { TokenType } from 'chevrotain';
import { choiceNames, functionNames, primitiveNames, typeNames } from '../compiler/bind/builtins.js';
import { ablationModes } from '../compiler/study/study.js';
import * as token from '../grammar/tokens.js';
import { writeGenerated } from './write-generated.js';

interface Pattern {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
  readonly patterns?: readonly Pattern[];
}

function sourceOf({ PATTERN: pattern }: TokenType): string {
  if (pattern instanceof RegExp) return pattern.source;
  return (typeof pattern === 'string' ? pattern : '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function wordsOf(types: readonly TokenType[]): string {
  return `\\b(?:${types.map(sourceOf).join('|')})\\b`;
}

function namesOf(names: Iterable<string>): string {
  return [...names].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).join('|');
}

const name = `(?:${sourceOf(token.Identifier)}|${sourceOf(token.QuotedName)})`;
const operators = [token.Equals, token.Spread, token.DotDot, ...token.vocabulary.filter(isInfix)];

function isInfix(type: TokenType): boolean {
  return (type.CATEGORIES ?? []).includes(token.Infix) && typeof type.PATTERN === 'string';
}

/** Reserved words by what they do; one that is in no group does not compile. */
const groups = new Map<TokenType, string>([
  ...[token.Let, token.Param].map((each) => [each, 'keyword.declaration'] as const),
  ...[token.If, token.Then, token.Else, token.When, token.For, token.In, token.As].map(
    (each) => [each, 'keyword.control'] as const,
  ),
  ...[token.And, token.Or, token.Not].map((each) => [each, 'keyword.operator.word'] as const),
  ...[token.True, token.False, token.Off].map((each) => [each, 'constant.language'] as const),
]);
for (const each of token.reservedWords) if (!groups.has(each)) throw new Error(`\`${sourceOf(each)}\` is in no group`);

function groupPatterns(): Pattern[] {
  return [...new Set(groups.values())].map((group) => {
    const words = token.reservedWords.filter((each) => groups.get(each) === group);
    return { name: `${group}.unet`, match: wordsOf(words) };
  });
}

/** Words that open a member and are names elsewhere. */
const halves = [token.Encoder, token.Decoder, token.Init];
const inStudies = [token.Unmatched, token.Equal, token.By];
const openers = token.contextualWords.filter((each) => each !== token.Fallback && !inStudies.includes(each));
const declaring = [token.Block, token.Model, token.Protocol, token.Study];
const members = openers.filter((each) => !halves.includes(each) && !declaring.includes(each) && each !== token.Use);
const memberStart = '(?<=^|[{,])\\s*';

const patterns: readonly Pattern[] = [
  { name: 'comment.line.documentation.unet', match: sourceOf(token.DocComment) },
  { name: 'comment.line.double-slash.unet', match: sourceOf(token.LineComment) },
  {
    name: 'string.quoted.double.unet',
    begin: '"',
    end: '"|$',
    patterns: [{ name: 'constant.character.escape.unet', match: '\\\\["\\\\]' }],
  },
  {
    match: `${memberStart}(${sourceOf(token.Use)})(?=\\s*")`,
    captures: { 1: { name: 'keyword.control.import.unet' } },
  },
  {
    match: `${memberStart}(${declaring.map(sourceOf).join('|')})\\s+(${name})`,
    captures: { 1: { name: 'keyword.declaration.unet' }, 2: { name: 'entity.name.function.unet' } },
  },
  {
    match: `${memberStart}(${members.map(sourceOf).join('|')})\\s+(${name})`,
    captures: { 1: { name: 'keyword.declaration.unet' }, 2: { name: 'variable.other.declaration.unet' } },
  },
  {
    match: `(?:${memberStart})(${halves.map(sourceOf).join('|')})(?=\\s*(?:\\{|$))`,
    captures: { 1: { name: 'keyword.declaration.unet' } },
  },
  {
    match: `\\b(${[token.Let, token.Param].map(sourceOf).join('|')})\\s+(${name})`,
    captures: { 1: { name: 'keyword.declaration.unet' }, 2: { name: 'variable.other.declaration.unet' } },
  },
  ...groupPatterns(),
  { name: 'keyword.other.unet', match: `\\b${sourceOf(token.Fallback)}\\b(?=\\s*$)` },
  { name: 'keyword.other.unet', match: `(?<=\\S\\s)${sourceOf(token.Unmatched)}\\b(?=\\s*(?:"|$))` },
  {
    match: `(?<=\\S\\s)(${sourceOf(token.Equal)})\\s+(${name})\\s+(${sourceOf(token.By)})\\s+(${name})`,
    captures: {
      1: { name: 'keyword.other.unet' },
      2: { name: 'support.constant.unet' },
      3: { name: 'keyword.other.unet' },
      4: { name: 'variable.other.unet' },
    },
  },
  {
    match: `(?<=:)\\s*\\b(${namesOf(typeNames)})\\b(?=\\s*(?:\\(|=|,|\\)|$))`,
    captures: { 1: { name: 'storage.type.unet' } },
  },
  { name: 'variable.parameter.unet', match: `\\b[a-z_]\\w*(?=\\s*:)` },
  { name: 'constant.numeric.float.unet', match: `\\b${sourceOf(token.FloatLiteral)}` },
  { name: 'constant.numeric.integer.unet', match: `\\b${sourceOf(token.IntegerLiteral)}` },
  { name: 'support.function.unet', match: `\\b(?:${namesOf([...functionNames, ...primitiveNames])})\\b` },
  { name: 'support.constant.unet', match: `\\b(?:${namesOf([...choiceNames, ...ablationModes])})\\b` },
  { name: 'entity.name.type.unet', match: '\\b[A-Z][A-Za-z0-9_]*\\b' },
  { name: 'variable.other.quoted.unet', match: sourceOf(token.QuotedName) },
  { name: 'keyword.operator.arrow.unet', match: sourceOf(token.Arrow) },
  { name: 'keyword.operator.unet', match: operators.map(sourceOf).join('|') },
];

const grammar = {
  $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
  information_for_contributors: ['Generated by scripts/generate-textmate.ts: do not edit.'],
  name: 'unet',
  scopeName: 'source.unet',
  patterns,
};

await writeGenerated(
  'editor/vscode/syntaxes/unet.tmLanguage.json',
  'json',
  JSON.stringify(grammar),
  'scripts/generate-textmate.ts',
);
