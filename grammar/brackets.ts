import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import { isContinued, isName } from './continuation.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { spanOf } from './lex.js';
import { positionAt, type SourceFile } from './source.js';
import * as token from './tokens.js';

/** Tokens whose brackets pair up, and what was wrong with them. */
export interface Balanced {
  readonly tokens: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

const partners = new Map<TokenType, TokenType>([
  [token.BraceOpen, token.BraceClose],
  [token.GroupOpen, token.GroupClose],
  [token.ListOpen, token.ListClose],
]);
const closers = new Set(partners.values());

/** A bracket that is open while the tokens are read. */
interface Frame {
  readonly opener: IToken;
  readonly closer: TokenType;
  /** Where it would end were its closer forgotten: the index of the first line break that could end a member. */
  lineEnd: number | undefined;
  /** A pair of braces inside it whose indentations differ: the likelier place of a missing brace. */
  suspect: IToken | undefined;
}

/** Reads through the tokens once; see `balance`. */
interface State {
  readonly source: SourceFile;
  readonly tokens: readonly IToken[];
  readonly frames: Frame[];
  /** Closers to insert before the token of an index. */
  readonly inserted: Map<number, IToken[]>;
  readonly dropped: Set<number>;
  readonly diagnostics: Diagnostic[];
}

/**
 * Makes brackets pair up: a closer without a partner is left out, a missing one is inserted, at the end of its line for
 * `(` and `[`, and each is reported once at the place that began it. A line that opens with `let` or `param` ends every
 * `(` and `[`, a line that begins a statement in the first column ends every bracket.
 */
export function balance(source: SourceFile, tokens: readonly IToken[]): Balanced {
  const state: State = { source, tokens, frames: [], inserted: new Map(), dropped: new Set(), diagnostics: [] };
  let previous = -1;
  for (let i = 0; i < tokens.length; i++) {
    const found = tokens[i];
    if (found === undefined || found.tokenType === token.Newline) continue;
    if (previous >= 0 && previous < i - 1) breakLine(state, previous, i);
    const closer = partners.get(found.tokenType);
    if (closer !== undefined) state.frames.push({ opener: found, closer, lineEnd: undefined, suspect: undefined });
    else if (closers.has(found.tokenType)) close(state, i, found);
    previous = i;
  }
  while (state.frames.length > 0) popUnclosed(state, tokens.length);
  return { tokens: emit(state), diagnostics: state.diagnostics };
}

/** At the first token of a line: decides which brackets cannot be meant to go on. */
function breakLine(state: State, previous: number, next: number): void {
  const first = state.tokens[next];
  const top = state.frames.at(-1);
  if (first === undefined || top === undefined) return;
  if (beginsStatement(state, next)) {
    while (state.frames.length > 0) popUnclosed(state, previous + 1);
    return;
  }
  if (top.closer === token.BraceClose) return;
  if (top.lineEnd === undefined && !isContinued(state.tokens, previous, next)) top.lineEnd = previous + 1;
  if (first.tokenType !== token.Let && first.tokenType !== token.Param) return;
  while (state.frames.length > 0 && state.frames.at(-1)?.closer !== token.BraceClose) popUnclosed(state, previous + 1);
}

/** `model name` and the like at the very start of a line: nothing inside a bracket reads so. */
function beginsStatement(state: State, index: number): boolean {
  const first = state.tokens[index];
  const second = state.tokens[index + 1];
  if (first === undefined || second === undefined) return false;
  if (positionAt(state.source, first.startOffset).column !== 1) return false;
  if (first.tokenType === token.Use) return second.tokenType === token.StringLiteral;
  const isKeyword = [token.Block, token.Model, token.Protocol, token.Study].includes(first.tokenType);
  return isKeyword && isName(second);
}

function close(state: State, index: number, found: IToken): void {
  const partner = state.frames.findLastIndex((frame) => frame.closer === found.tokenType);
  const hidden = state.frames.slice(partner + 1);
  const crossesBrace =
    found.tokenType !== token.BraceClose && hidden.some((frame) => frame.closer === token.BraceClose);
  if (partner < 0 || crossesBrace) {
    state.dropped.add(index);
    state.diagnostics.push(report('UNET1003', { bracket: found.image }, spanOf(state.source, found)));
    return;
  }
  while (state.frames.length > partner + 1) popUnclosed(state, index);
  const closed = state.frames.pop();
  if (closed !== undefined) noteIndentation(state, closed, found);
}

/** Remembers in the frame around it a pair of braces that do not stand one under the other. */
function noteIndentation(state: State, closed: Frame, closer: IToken): void {
  const outer = state.frames.at(-1);
  if (outer === undefined || outer.suspect !== undefined) return;
  const above = indentation(state.source, closed.opener);
  const below = indentation(state.source, closer);
  const misaligned = closed.closer === token.BraceClose && below.opensLine && below.width < above.width;
  outer.suspect = closed.suspect ?? (misaligned ? closed.opener : undefined);
}

function indentation(source: SourceFile, found: IToken): { width: number; opensLine: boolean } {
  const { line, column } = positionAt(source, found.startOffset);
  const start = source.lineStarts[line - 1] ?? 0;
  const width = source.text.slice(start, start + column - 1).match(/^[ \t]*/)?.[0].length ?? 0;
  return { width, opensLine: width === column - 1 };
}

/** Closes the innermost bracket for the user, no later than before the token at `limit`. */
function popUnclosed(state: State, limit: number): void {
  const frame = state.frames.pop();
  if (frame === undefined) return;
  const place = Math.min(frame.lineEnd ?? limit, limit);
  const queue = state.inserted.get(place) ?? [];
  const end = state.tokens[place - 1];
  const offset = end === undefined ? 0 : end.startOffset + end.image.length;
  queue.push(createTokenInstance(frame.closer, '', offset, offset - 1, NaN, NaN, NaN, NaN));
  state.inserted.set(place, queue);
  const outer = state.frames.at(-1);
  if (outer !== undefined && outer.closer !== token.BraceClose) outer.lineEnd ??= frame.lineEnd;
  state.diagnostics.push(unclosed(state, frame, offset));
}

function unclosed(state: State, frame: Frame, end: number): Diagnostic {
  const blamed = frame.suspect ?? frame.opener;
  const text = `\`${frame.closer.LABEL?.slice(1, -1) ?? ''}\` is missing before here`;
  const place = { source: state.source, start: end, end };
  const label = frame.suspect === undefined ? [{ span: place, text }] : [];
  const notes =
    frame.suspect === undefined ? [] : ['The brace that follows it closes it by count, not by indentation.'];
  const span = spanOf(state.source, blamed);
  return report('UNET1002', { bracket: blamed.image }, span, { labels: label, notes });
}

function emit(state: State): IToken[] {
  const result: IToken[] = [];
  for (let i = 0; i <= state.tokens.length; i++) {
    result.push(...(state.inserted.get(i) ?? []));
    const found = state.tokens[i];
    if (found !== undefined && !state.dropped.has(i)) result.push(found);
  }
  return result;
}
