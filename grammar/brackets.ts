import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import { isContinued, isName } from './continuation.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { spanOf } from './lex.js';
import { positionAt, type SourceFile } from './source.js';
import * as token from './tokens.js';

/** Tokens with balanced brackets, and the errors found. */
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

/** A bracket that is open at the current token. */
interface Frame {
  readonly opener: IToken;
  readonly closer: TokenType;
  /** Whether it is the brace of `encoder`, `decoder` or `init`. */
  readonly holdsParts: boolean;
  /** The index of its end if its closer were missing: the first line break that could end a member. */
  lineEnd: number | undefined;
  /** A pair of braces inside it with different indentation: the more likely position of a missing brace. */
  suspect: IToken | undefined;
}

/** Processes the tokens once; see `balance`. */
interface State {
  readonly source: SourceFile;
  readonly tokens: readonly IToken[];
  readonly cut: ReadonlySet<number>;
  /**
   * The open braces, and the `(` and `[` that are open in the innermost one: braces close these, so there are none
   * between braces.
   */
  readonly braces: Frame[];
  readonly rounds: Frame[];
  /** How many of `rounds` wait for each closer. */
  readonly awaited: Map<TokenType, number>;
  /** Closers to insert before the token with an index. */
  readonly inserted: Map<number, IToken[]>;
  readonly dropped: Set<number>;
  readonly diagnostics: Diagnostic[];
  /** The indentation of a line, once computed. */
  readonly indentations: Map<number, number>;
}

/**
 * Makes brackets pair up: a closer without a partner is left out, a missing one is inserted, at the end of its line for
 * `(` and `[`, and each is reported once at the place that began it. A line that opens with `let` or `param` ends every
 * `(` and `[`, as a brace does; a line that begins a statement in the first column ends every bracket, and one that begins
 * a member of a model ends its half. Lines whose string or name does not end, in `cut`, hide brackets: nothing is reported for
 * those that open there.
 */
export function balance(source: SourceFile, tokens: readonly IToken[], cut: ReadonlySet<number>): Balanced {
  const state: State = {
    source,
    tokens,
    cut,
    braces: [],
    rounds: [],
    awaited: new Map(),
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
    if (found.tokenType === token.BraceOpen) closeRounds(state, previous + 1);
    const closer = partners.get(found.tokenType);
    if (closer !== undefined) open(state, found, closer, holdsParts(tokens, previous));
    else if (closers.has(found.tokenType)) close(state, i, found);
    previous = i;
  }
  closeAll(state, tokens.length);
  return { tokens: emit(state), diagnostics: state.diagnostics };
}

function open(state: State, opener: IToken, closer: TokenType, holdsParts: boolean): void {
  const isBrace = closer === token.BraceClose;
  (isBrace ? state.braces : state.rounds).push({ opener, closer, holdsParts, lineEnd: undefined, suspect: undefined });
  if (!isBrace) state.awaited.set(closer, (state.awaited.get(closer) ?? 0) + 1);
}

/** At the first token of a line, decides which open brackets must have ended. */
function breakLine(state: State, previous: number, next: number): void {
  const brace = state.braces.at(-1);
  if (beginsStatement(state, next)) {
    closeAll(state, previous + 1);
  } else if (brace !== undefined && brace.holdsParts && beginsModelMember(state, next)) {
    closeRounds(state, previous + 1);
    state.braces.pop();
    insertCloser(state, brace, previous + 1);
  } else breakRounds(state, previous, next);
}

function breakRounds(state: State, previous: number, next: number): void {
  const top = state.rounds.at(-1);
  if (top === undefined) return;
  if (top.lineEnd === undefined && !isContinued(state.tokens, previous, next)) top.lineEnd = previous + 1;
  const first = state.tokens[next]?.tokenType;
  if (first === token.Let || first === token.Param) closeRounds(state, previous + 1);
}

/** Closes every `(` and `[` of the innermost brace, because neither a brace nor a member can be inside them. */
function closeRounds(state: State, limit: number): void {
  while (state.rounds.length > 0) popUnclosedRound(state, limit);
}

function closeAll(state: State, limit: number): void {
  closeRounds(state, limit);
  for (let brace = state.braces.pop(); brace !== undefined; brace = state.braces.pop()) {
    insertCloser(state, brace, limit);
  }
}

/** Whether a member begins with `encoder`, `decoder` or `init`, the token before the brace. */
function holdsParts(tokens: readonly IToken[], index: number): boolean {
  const word = tokens[index]?.tokenType;
  const before = tokens[index - 1]?.tokenType;
  const isWord = word !== undefined && [token.Encoder, token.Decoder, token.Init].includes(word);
  return isWord && (before === undefined || [token.Newline, token.BraceOpen, token.Comma].includes(before));
}

/** Whether a line begins like `decoder {` or `head mask`, which occur in a model but never in one of its halves. */
function beginsModelMember(state: State, index: number): boolean {
  const first = state.tokens[index]?.tokenType;
  const second = state.tokens[index + 1];
  if (first === undefined || second === undefined) return false;
  if ([token.Encoder, token.Decoder, token.Init].includes(first)) return second.tokenType === token.BraceOpen;
  return [token.Head, token.Input, token.Output, token.Knob].includes(first) && isName(second);
}

/** `model name` and the like at the very beginning of a line, which cannot occur inside a bracket. */
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
  const isBrace = found.tokenType === token.BraceClose;
  const hasPartner = isBrace ? state.braces.length > 0 : (state.awaited.get(found.tokenType) ?? 0) > 0;
  if (!hasPartner) {
    state.dropped.add(index);
    state.diagnostics.push(report('UNET1003', { bracket: found.image }, spanOf(state.source, found)));
    return;
  }
  if (isBrace) {
    closeRounds(state, index);
    const closed = state.braces.pop();
    if (closed !== undefined) noteIndentation(state, closed, found);
    return;
  }
  while (state.rounds.at(-1)?.closer !== found.tokenType) popUnclosedRound(state, index);
  popRound(state);
}

function popRound(state: State): Frame | undefined {
  const frame = state.rounds.pop();
  if (frame !== undefined) state.awaited.set(frame.closer, (state.awaited.get(frame.closer) ?? 0) - 1);
  return frame;
}

/** Closes the innermost `(` or `[`, which the user did not. */
function popUnclosedRound(state: State, limit: number): void {
  const frame = popRound(state);
  if (frame === undefined) return;
  const outer = state.rounds.at(-1);
  if (outer !== undefined) outer.lineEnd ??= frame.lineEnd;
  insertCloser(state, frame, limit);
}

/** Records in the enclosing frame a pair of braces with different indentation. */
function noteIndentation(state: State, closed: Frame, closer: IToken): void {
  const outer = state.braces.at(-1);
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

/** Inserts the missing closer of a bracket before the token at `limit` at the latest, and reports the bracket. */
function insertCloser(state: State, frame: Frame, limit: number): void {
  const place = Math.min(frame.lineEnd ?? limit, limit);
  const queue = state.inserted.get(place) ?? [];
  const end = state.tokens[place - 1];
  const offset = end === undefined ? 0 : end.startOffset + end.image.length;
  queue.push(createTokenInstance(frame.closer, '', offset, offset - 1, NaN, NaN, NaN, NaN));
  state.inserted.set(place, queue);
  const opensOn = positionAt(state.source, frame.opener.startOffset).line;
  if (!state.cut.has(opensOn)) state.diagnostics.push(unclosed(state, frame, offset));
}

function unclosed(state: State, frame: Frame, end: number): Diagnostic {
  const blamed = frame.suspect ?? frame.opener;
  const text = `\`${frame.closer.LABEL?.slice(1, -1) ?? ''}\` expected before this`;
  const place = { source: state.source, start: end, end };
  const label = frame.suspect === undefined ? [{ span: place, text }] : [];
  const notes = frame.suspect === undefined ? [] : ['The next brace closes it by count, but its indentation differs.'];
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
