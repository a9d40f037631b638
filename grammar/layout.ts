import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import { isContinued, isName } from './continuation.js';
import * as token from './tokens.js';

/** A token for the parser. Tokens of one member, without what its braces hold, have the same `segment`. */
export interface LayoutToken extends IToken {
  readonly segment: number;
}

const calls = new Map<TokenType, TokenType>([
  [token.GroupOpen, token.CallOpen],
  [token.ListOpen, token.IndexOpen],
]);
const closers = new Set<TokenType>([token.BraceClose, token.GroupClose, token.ListClose]);
const openers = new Set<TokenType>([token.BraceOpen, token.GroupOpen, token.ListOpen]);

/** Processes balanced tokens once; see `layOut`. */
interface State {
  readonly tokens: readonly IToken[];
  readonly result: LayoutToken[];
  /** The open brackets, each with the segment that continues after it. */
  readonly brackets: { readonly opener: TokenType; readonly segment: number }[];
  segment: number;
  segments: number;
  /** What preceded the next member, if any: a line break, a comma, an opening brace or the start. */
  pending: IToken | undefined;
}

/**
 * Applies the layout rule to balanced tokens: one `Separator` precedes each member and statement, where a line
 * break, a comma or an opening brace was; inside `(` and `[`, line breaks vanish and a comma before the closer does; `(` and `[` right after an
 * operand on its line become `CallOpen` and `IndexOpen`.
 */
export function layOut(tokens: readonly IToken[]): readonly LayoutToken[] {
  const state: State = { tokens, result: [], brackets: [], segment: 0, segments: 0, pending: opening(0) };
  for (let i = 0; i < tokens.length; i++) {
    const found = tokens[i];
    if (found === undefined) continue;
    if (found.tokenType === token.Newline) i = layOutLineBreak(state, i);
    else if (found.tokenType === token.Comma) layOutComma(state, i, found);
    else if (openers.has(found.tokenType)) open(state, i, found);
    else if (closers.has(found.tokenType)) close(state, found);
    else push(state, found);
  }
  return state.result;
}

/** Represents an opening brace, or the start of the text, that ends at `offset`. */
function opening(offset: number): IToken {
  return createTokenInstance(token.Separator, '', offset, offset - 1, NaN, NaN, NaN, NaN);
}

function push(state: State, found: IToken): void {
  beginMember(state);
  state.result.push(Object.assign(found, { segment: state.segment }));
}

/** Inserts the separator before the next member, if one is due. */
function beginMember(state: State): void {
  const found = state.pending;
  if (found === undefined) return;
  state.pending = undefined;
  const end = found.startOffset + found.image.length - 1;
  const separator = createTokenInstance(token.Separator, found.image, found.startOffset, end, NaN, NaN, NaN, NaN);
  state.result.push(Object.assign(separator, { segment: state.segment }));
  state.segment = ++state.segments;
}

/** Handles a sequence of line breaks and returns the index of the last one. */
function layOutLineBreak(state: State, start: number): number {
  let last = start;
  while (state.tokens[last + 1]?.tokenType === token.Newline) last++;
  const found = state.tokens[start];
  if (found !== undefined && endsMember(state, start, last + 1)) state.pending = found;
  return last;
}

function endsMember(state: State, lineBreak: number, next: number): boolean {
  const innermost = state.brackets.at(-1)?.opener;
  if (innermost !== undefined && innermost !== token.BraceOpen) return false;
  return state.pending === undefined && !isContinued(state.tokens, lineBreak - 1, next);
}

/** A comma ends a member where only braces are open, except between `for` clauses. */
function layOutComma(state: State, index: number, found: IToken): void {
  const innermost = state.brackets.at(-1)?.opener;
  const next = state.tokens.slice(index + 1, index + 24).filter((after) => after.tokenType !== token.Newline);
  if (innermost === token.BraceOpen) {
    const joinsClauses = next[0] !== undefined && isName(next[0]) && next[1]?.tokenType === token.In;
    if (joinsClauses) push(state, found);
    else separate(state, found);
    return;
  }
  const before = state.result.at(-1);
  const trails = next[0] !== undefined && closers.has(next[0].tokenType);
  const follows = before !== undefined && !openers.has(before.tokenType) && before.tokenType !== token.Comma;
  if (!trails || !follows || isCall(before)) push(state, found);
}

function isCall(found: IToken): boolean {
  return found.tokenType === token.CallOpen || found.tokenType === token.IndexOpen;
}

/** A comma right after another or after the opening brace indicates a missing member, which the parser reports. */
function separate(state: State, comma: IToken): void {
  const before = state.pending?.tokenType;
  if (before === token.Comma || before === token.Separator) beginMember(state);
  state.pending = comma;
}

function open(state: State, index: number, found: IToken): void {
  const call = calls.get(found.tokenType);
  const before = state.tokens[index - 1];
  const isPostfix = call !== undefined && before !== undefined && endsOperand(before);
  push(state, isPostfix ? retyped(found, call) : found);
  state.brackets.push({ opener: found.tokenType, segment: state.segment });
  if (found.tokenType !== token.BraceOpen) return;
  state.segment = ++state.segments;
  state.pending = opening(found.startOffset + 1);
}

function retyped(found: IToken, type: TokenType): IToken {
  return createTokenInstance(type, found.image, found.startOffset, found.startOffset, NaN, NaN, NaN, NaN);
}

function endsOperand(found: IToken): boolean {
  const literals: readonly TokenType[] = [token.StringLiteral, token.IntegerLiteral, token.FloatLiteral];
  const isBracket = found.tokenType === token.GroupClose || found.tokenType === token.ListClose;
  return isName(found) || isBracket || literals.includes(found.tokenType);
}

function close(state: State, found: IToken): void {
  state.pending = undefined;
  push(state, found);
  const closed = state.brackets.pop();
  if (closed !== undefined && closed.opener === token.BraceOpen) state.segment = closed.segment;
}
