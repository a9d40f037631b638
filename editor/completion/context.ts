import type { IToken } from 'chevrotain';
import { isName } from '../../grammar/continuation.js';
import { unquote } from '../../grammar/build-context.js';
import { layOut } from '../../grammar/layout.js';
import { lex } from '../../grammar/lex.js';
import { createSource } from '../../grammar/source.js';
import * as token from '../../grammar/tokens.js';

/** The owner of the braces around a place; the file itself has none. */
export type Container = 'file' | 'block' | 'model' | 'variant' | 'encoder' | 'decoder' | 'init' | 'protocol' | 'study';

/**
 * The context in which a word is about to be written, determined only from the text before it, so that it is available
 * in broken text too.
 */
export interface Context {
  /** The beginning of the word being written. */
  readonly start: number;
  readonly container: Container;
  /** The words and signs of the member before the place, from its beginning. */
  readonly member: readonly IToken[];
  /** The innermost open bracket, with the words and signs after it. */
  readonly bracket: Bracket | undefined;
  /** The token directly before the place; a `Separator` at the beginning of a member. */
  readonly before: IToken | undefined;
}

export interface Bracket {
  readonly kind: 'call' | 'index' | 'list' | 'group';
  /** The word that is called or indexed: `f` in `t[C] -> f(`. */
  readonly word: string;
  /** The position of that word. */
  readonly wordStart: number;
  /** The arguments that are complete, each ended by a comma. */
  readonly complete: readonly (readonly IToken[])[];
  /** The tokens since the last comma. */
  readonly argument: readonly IToken[];
  /** Every name in it before the place, except those inside nested brackets. */
  readonly words: readonly string[];
  /** The number of complete positional arguments. */
  readonly positional: number;
  /** Names of arguments before the place, as in `name: value`. */
  readonly given: readonly string[];
  /** The enclosing bracket. */
  readonly outer: Bracket | undefined;
}

/** The context at an offset; undefined in comments. */
export function contextAt(text: string, offset: number): Context | undefined {
  const before = text.slice(0, offset);
  const line = before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1);
  const quote = openQuote(line);
  if (quote === 'comment') return undefined;
  const start = quote === undefined ? offset - (/(?<!\w)\w*$/.exec(line)?.[0].length ?? 0) : offset - quote;
  // A placeholder word at the place shows how the layout treats it.
  const source = createSource('', `${text.slice(0, start)}x`);
  const tokens = layOut(lex(source).tokens);
  const last = tokens.length - 1;
  if (tokens[last]?.image !== 'x') return undefined;
  return { start, ...surroundings(tokens, last), before: tokens[last - 1] };
}

/** The length of the unfinished name in backticks at the end of the line; undefined inside a comment or a string. */
function openQuote(line: string): number | 'comment' | undefined {
  let open: number | undefined;
  let string = false;
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (string) {
      if (character === '\\') i++;
      else if (character === '"') string = false;
    } else if (open !== undefined) {
      if (character === '`') open = undefined;
    } else if (character === '`') open = i;
    else if (character === '"') string = true;
    else if (line.startsWith('//', i)) return 'comment';
  }
  if (string) return 'comment';
  return open === undefined ? undefined : line.length - open;
}

/** The string of a `use` around the place, as far as it is written. */
export function usePath(text: string, offset: number): string | undefined {
  const before = text.slice(0, offset);
  return /(?:^|[\r\n])[ \t]*use[ \t]+"([^"\r\n]*)$/.exec(before)?.[1];
}

interface Open {
  readonly index: number;
  readonly brace: boolean;
}

function surroundings(tokens: readonly IToken[], last: number): Pick<Context, 'container' | 'member' | 'bracket'> {
  const open: Open[] = [];
  let memberStart = 0;
  const starts: number[] = [];
  for (let i = 0; i < last; i++) {
    const type = tokens[i]?.tokenType;
    if (type === token.Separator) memberStart = i + 1;
    else if (type === token.BraceOpen) {
      open.push({ index: i, brace: true });
      starts.push(memberStart);
      memberStart = i + 1;
    } else if (type === token.BraceClose) {
      while (open.length > 0 && open.pop()?.brace !== true);
      memberStart = starts.pop() ?? i + 1;
    } else if (isOpener(type)) open.push({ index: i, brace: false });
    else if (isCloser(type) && open.at(-1)?.brace === false) open.pop();
  }
  const brace = open.findLast((each) => each.brace);
  const brackets = open.slice(brace === undefined ? 0 : open.indexOf(brace) + 1).map(({ index }) => index);
  const header = brace === undefined ? [] : tokens.slice(starts.at(-1) ?? 0, brace.index);
  return {
    container: brace === undefined ? 'file' : containerOf(header),
    member: tokens.slice(memberStart, last),
    bracket: brackets.reduce<Bracket | undefined>((outer, index) => bracketAt(tokens, index, last, outer), undefined),
  };
}

function isOpener(type: IToken['tokenType'] | undefined): boolean {
  return type === token.CallOpen || type === token.IndexOpen || type === token.GroupOpen || type === token.ListOpen;
}

function isCloser(type: IToken['tokenType'] | undefined): boolean {
  return type === token.GroupClose || type === token.ListClose;
}

function containerOf(header: readonly IToken[]): Container {
  const word = header[0]?.image;
  switch (word) {
    case 'model':
      return header.some(({ tokenType }) => tokenType === token.Equals) ? 'variant' : 'model';
    case 'block':
    case 'encoder':
    case 'decoder':
    case 'init':
    case 'protocol':
    case 'study':
      return word;
    default:
      return 'file';
  }
}

function bracketAt(tokens: readonly IToken[], index: number, last: number, outer: Bracket | undefined): Bracket {
  const type = tokens[index]?.tokenType;
  const kind =
    type === token.CallOpen ? 'call' : type === token.IndexOpen ? 'index' : type === token.ListOpen ? 'list' : 'group';
  const word = tokens[index - 1];
  let depth = 0;
  let from = index + 1;
  const given: string[] = [];
  const words: string[] = [];
  const complete: IToken[][] = [];
  for (let i = index + 1; i < last; i++) {
    const found = tokens[i];
    if (found === undefined) break;
    if (isOpener(found.tokenType)) depth++;
    else if (isCloser(found.tokenType)) depth--;
    else if (depth === 0 && found.tokenType === token.Comma) {
      complete.push(tokens.slice(from, i));
      from = i + 1;
    } else if (depth === 0 && isName(found)) words.push(unquote(found.image));
    else if (depth === 0 && found.tokenType === token.Colon) given.push(unquote(tokens[i - 1]?.image ?? ''));
  }
  const called = kind === 'call' || kind === 'index' ? word : undefined;
  return {
    kind,
    word: called !== undefined && isName(called) ? unquote(called.image) : '',
    wordStart: called?.startOffset ?? 0,
    complete,
    argument: tokens.slice(from, last),
    words,
    positional: complete.filter(([, second]) => second?.tokenType !== token.Colon).length,
    given,
    outer,
  };
}
