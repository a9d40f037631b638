import type { IToken, TokenType } from 'chevrotain';
import * as token from './tokens.js';

/** The tokens of a source file, its comments, and the ranges that are not tokens. */
export interface Tokenized {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
  readonly foreign: readonly { readonly start: number; readonly end: number }[];
}

/** Token types whose pattern is a string: words, which are first matched as names, and signs. */
const byText = new Map<string, TokenType>();
/** Types whose pattern is an expression, in the order in which they are tried. */
const byPattern: TokenType[] = [];
for (const type of token.vocabulary) {
  if (token.words.includes(type)) byText.set((type.PATTERN as RegExp).source, type);
  else if (typeof type.PATTERN === 'string') byText.set(type.PATTERN, type);
  else if (type.PATTERN instanceof RegExp && type.PATTERN.source !== 'NOT_APPLICABLE') byPattern.push(type);
}

/** A group for each type of `byPattern`, in their order, and one for all signs, longer ones first. */
const anyToken = new RegExp(
  [...byPattern.map((type) => `(${(type.PATTERN as RegExp).source})`), `(${signs().join('|')})`].join('|'),
  'y',
);

function signs(): string[] {
  const texts = [...byText.keys()].filter((text) => !/\w/.test(text)).sort((a, b) => b.length - a.length);
  return texts.map((text) => text.replace(/[^\w]/g, '\\$&'));
}

/**
 * Splits source into tokens: at each position, the first type of the vocabulary that matches. (Chevrotain's own lexer gives
 * the same result, but takes longer to initialise than most specs take to check.)
 */
export function tokenize(text: string): Tokenized {
  const tokens: IToken[] = [];
  const comments: IToken[] = [];
  const foreign: { start: number; end: number }[] = [];
  for (let offset = 0; offset < text.length;) {
    anyToken.lastIndex = offset;
    const match = anyToken.exec(text);
    if (match === null) {
      const last = foreign.at(-1);
      if (last?.end === offset) last.end++;
      else foreign.push({ start: offset, end: offset + 1 });
      offset++;
      continue;
    }
    const [image] = match;
    const type = typeOf(match);
    if (type === token.DocComment || type === token.LineComment) comments.push(tokenAt(type, image, offset));
    else if (type !== token.Blank) tokens.push(tokenAt(type, image, offset));
    offset += image.length;
  }
  return { tokens, comments, foreign };
}

function typeOf(match: RegExpExecArray): TokenType {
  const type = byPattern[match.indexOf(match[0], 1) - 1];
  if (type !== undefined && type !== token.Identifier) return type;
  return byText.get(match[0]) ?? token.Identifier;
}

/** A token for the parser, which does not need lines or columns. */
export function tokenAt(tokenType: TokenType, image: string, startOffset: number): IToken {
  const endOffset = startOffset + image.length - 1;
  return { image, startOffset, endOffset, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx ?? 0 };
}
