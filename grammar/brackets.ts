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
  /** The token before it. */
  readonly before: IToken | undefined;
  /** Where it would end were its closer forgotten: the index of the first line break that could end a member. */
  lineEnd: number | undefined;
  /** A pair of braces inside it whose indentations differ: the likelier place of a missing brace. */
  suspect: IToken | undefined;
}

/** Reads through the tokens once; see `balance`. */
interface State {
  readonly source: SourceFile;
  readonly tokens: readonly IToken[];
  readonly cut: ReadonlySet<number>;
  readonly frames: Frame[];
  /** Closers to insert before the token of an index. */
  readonly inserted: Map<number, IToken[]>;
  readonly dropped: Set<number>;
  readonly diagnostics: Diagnostic[];
  /** The blanks that a line begins with, once they were counted. */
  readonly indentations: Map<number, number>;
}

/**
 * Makes brackets pair up: a closer without a partner is left out, a missing one is inserted, at the end of its line for
 * `(` and `[`, and each is reported once at the place that began it. A line that opens with `let` or `param` ends every
 * `(` and `[`, as a brace does; a line that begins a statement in the first column ends every bracket, and one that begins
 * a member of a model ends its half. Lines whose string or name does not end, in `cut`, hide brackets: nothing is said of
 * those that open there.
 */
export function balance(source: SourceFile, tokens: readonly IToken[], cut: ReadonlySet<number>): Balanced {
  const state: State = {
    source,
    tokens,
    cut,
    frames: [],
    inserted: new Map(),
    dropped: new Set(),
    diagnostics: [],
    indentations: new Map(),
  };
  let previous = -1;
  for (let i = 0; i < tokens.length; i++) {
    const found = tokens[i];
    if (found === undefined || found.tokenType === token.Newline) continue;
    if (previous >= 0 && previous < i - 1) breakLine(state, previous, i);
    if (found.tokenType === token.BraceOpen) closeRound(state, previous + 1);
    const closer = partners.get(found.tokenType);
    if (closer !== undefined) {
      const before = state.tokens[previous];
      state.frames.push({ opener: found, closer, before, lineEnd: undefined, suspect: undefined });
    } else if (closers.has(found.tokenType)) close(state, i, found);
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
  if (top.closer === token.BraceClose) {
    if (holdsParts(top) && beginsModelMember(state, next)) popUnclosed(state, previous + 1);
    return;
  }
  if (top.lineEnd === undefined && !isContinued(state.tokens, previous, next)) top.lineEnd = previous + 1;
  if (first.tokenType !== token.Let && first.tokenType !== token.Param) return;
  closeRound(state, previous + 1);
}

/** Closes every `(` and `[` down to the innermost brace: neither a brace nor a member stands in them. */
function closeRound(state: State, limit: number): void {
  while (state.frames.length > 0 && state.frames.at(-1)?.closer !== token.BraceClose) popUnclosed(state, limit);
}

/** Whether a brace is that of `encoder`, `decoder` or `init`. */
function holdsParts(frame: Frame): boolean {
  const owners: readonly (TokenType | undefined)[] = [token.Encoder, token.Decoder, token.Init];
  return owners.includes(frame.before?.tokenType);
}

/** `decoder {`, `head mask` and the like, which stand in a model and never in a half of it. */
function beginsModelMember(state: State, index: number): boolean {
  const first = state.tokens[index]?.tokenType;
  const second = state.tokens[index + 1];
  if (first === undefined || second === undefined) return false;
  if ([token.Encoder, token.Decoder, token.Init].includes(first)) return second.tokenType === token.BraceOpen;
  return [token.Head, token.Input, token.Output, token.Knob].includes(first) && isName(second);
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
  const above = indentation(state, closed.opener);
  const below = indentation(state, closer);
  const misaligned = closed.closer === token.BraceClose && below.opensLine && below.width < above.width;
  outer.suspect = closed.suspect ?? (misaligned ? closed.opener : undefined);
}

function indentation(state: State, found: IToken): { width: number; opensLine: boolean } {
  const { line, column } = positionAt(state.source, found.startOffset);
  const known = state.indentations.get(line);
  const width = known ?? indentationOf(state.source, line);
  state.indentations.set(line, width);
  return { width, opensLine: width === column - 1 };
}

function indentationOf(source: SourceFile, line: number): number {
  const start = source.lineStarts[line - 1] ?? 0;
  let end = start;
  while (source.text[end] === ' ' || source.text[end] === '\t') end++;
  return end - start;
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
  const opensOn = positionAt(state.source, frame.opener.startOffset).line;
  if (!state.cut.has(opensOn)) state.diagnostics.push(unclosed(state, frame, offset));
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
    for (const closer of state.inserted.get(i) ?? []) result.push(closer);
    const found = state.tokens[i];
    if (found !== undefined && !state.dropped.has(i)) result.push(found);
  }
  return result;
}
