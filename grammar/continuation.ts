import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import * as token from './tokens.js';

/** A line that begins with one of these continues the previous line; no member begins with any of them. */
const openersOfContinuation = new Set<TokenType>([
  token.BraceOpen,
  token.Arrow,
  token.Plus,
  token.Times,
  token.Divide,
  token.Power,
  token.EqualEqual,
  token.NotEqual,
  token.Less,
  token.LessEqual,
  token.Greater,
  token.GreaterEqual,
  token.And,
  token.Or,
  token.DotDot,
  token.As,
  token.When,
  token.Then,
  token.Else,
  token.Off,
  token.For,
]);

/** A member cannot end after one of these, so the line break is ignored. */
const awaitMore = new Set<TokenType>([
  ...[...openersOfContinuation].filter((type) => type !== token.Off),
  token.Minus,
  token.Equals,
  token.Colon,
  token.Comma,
  token.Not,
  token.If,
  token.In,
  token.Dot,
  token.Spread,
  token.GroupOpen,
  token.ListOpen,
]);

/**
 * After one of these, even a line that looks like a member is a continuation: `name:` is an argument or the end of an
 * `aux` head.
 */
const awaitMembers = new Set<TokenType>([token.When, token.Comma, token.BraceOpen, token.GroupOpen, token.ListOpen]);

/**
 * Whether the line break between `tokens[previous]` and `tokens[next]` (the first token of its line) does not end a
 * member. A line that clearly begins a member does so even after `:` or `=`, so that a missing value is reported on its
 * own line.
 */
export function isContinued(tokens: readonly IToken[], previous: number, next: number): boolean {
  const before = tokens[previous];
  const after = tokens[next];
  if (before === undefined || after === undefined) return true;
  if (openersOfContinuation.has(after.tokenType)) return true;
  if (!awaitMore.has(before.tokenType)) return false;
  return awaitMembers.has(before.tokenType) || !beginsMember(tokens, next);
}

/** `let`, `param`, `name:`, `name =`, `name(...):` or two names in a row, as in `head mask`. */
function beginsMember(tokens: readonly IToken[], start: number): boolean {
  const first = tokens[start];
  if (first === undefined) return false;
  if (first.tokenType === token.Let || first.tokenType === token.Param) return true;
  if (!isName(first)) return false;
  const second = tokens[start + 1];
  if (second === undefined) return false;
  if (isName(second)) return second.tokenType !== token.Fallback && !continuesInStudy(tokens, start + 1);
  return endsHead(second) || (second.tokenType === token.GroupOpen && endsHead(afterGroup(tokens, start + 1)));
}

/** `unmatched "..."` or `equal ... by` after a value of a study. */
function continuesInStudy(tokens: readonly IToken[], start: number): boolean {
  const [word, next, by] = tokens.slice(start, start + 3);
  if (word?.tokenType === token.Unmatched) return next?.tokenType === token.StringLiteral;
  return word?.tokenType === token.Equal && by?.tokenType === token.By;
}

function endsHead(found: IToken | undefined): boolean {
  return found?.tokenType === token.Colon || found?.tokenType === token.Equals;
}

/** The token after the bracket that opens at `start`, if it closes on the same line. */
function afterGroup(tokens: readonly IToken[], start: number): IToken | undefined {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const type = tokens[i]?.tokenType;
    if (type === token.Newline) return undefined;
    if (type === token.GroupOpen) depth++;
    if (type === token.GroupClose && --depth === 0) return tokens[i + 1];
  }
  return undefined;
}

/** Whether a token can be a name, which includes contextual keywords. */
export function isName(found: IToken): boolean {
  return tokenMatcher(found, token.Identifier) || found.tokenType === token.QuotedName;
}
