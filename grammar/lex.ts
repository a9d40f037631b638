import { tokenMatcher, type IToken } from 'chevrotain';
import type { Comment } from './ast.js';
import type { Diagnostic, Fix } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { replacement } from './diagnostics/suggest.js';
import type { SourceFile, Span } from './source.js';
import { tokenAt, tokenize, type Tokenized } from './tokenize.js';
import * as token from './tokens.js';

/** The tokens of a source file, including line breaks, and its comments. */
export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Splits `source` into tokens. Invalid characters are reported and skipped, as is a byte order mark. */
export function lex(source: SourceFile): Lexed {
  const mark = source.text.startsWith('\uFEFF') ? ' ' + source.text.slice(1) : source.text;
  const result = tokenize(mark);
  const diagnostics = result.foreign.map(({ start, end }) => reportForeign(source, start, end));
  const found = withOperators(mark, result);
  const tokens = found.flatMap((each) => repair(source, each, diagnostics));
  const comments = result.comments.map((found) => toComment(source, found, diagnostics));
  return { tokens, comments, diagnostics };
}

/** Operators of other languages, whose tokens have our types so that the rest of the line is understood. */
const operators: Readonly<Record<string, IToken['tokenType']>> = { '&&': token.And, '||': token.Or, '!': token.Not };

function withOperators(text: string, { tokens, foreign }: Tokenized): readonly IToken[] {
  const read = foreign.flatMap(({ start, end }) => {
    const type = operators[text.slice(start, end)];
    return type === undefined ? [] : [tokenAt(type, text.slice(start, end), start)];
  });
  return read.length === 0 ? tokens : [...tokens, ...read].sort((a, b) => a.startOffset - b.startOffset);
}

/** The span of a lexed token. */
export function spanOf(source: SourceFile, found: IToken): Span {
  return { source, start: found.startOffset, end: found.startOffset + found.image.length };
}

function toComment(source: SourceFile, found: IToken, diagnostics: Diagnostic[]): Comment {
  reportControl(source, found, diagnostics);
  return {
    kind: 'Comment',
    doc: tokenMatcher(found, token.DocComment),
    text: found.image.trimEnd(),
    span: spanOf(source, found),
  };
}

/** Reports the errors inside one token and returns the tokens to continue with. */
function repair(source: SourceFile, found: IToken, diagnostics: Diagnostic[]): IToken[] {
  const span = spanOf(source, found);
  switch (found.tokenType) {
    case token.Identifier:
      return repairWord(source, found, diagnostics);
    case token.MalformedNumber:
      diagnostics.push(report('UNET1007', { text: found.image }, span));
      return [retyped(found, token.IntegerLiteral)];
    case token.SingleQuoted:
      diagnostics.push(reportForeign(source, span.start, span.start + 1, false, [replacement(span, quoted(found))]));
      return [retyped(found, token.StringLiteral, quoted(found))];
    case token.HashComment: {
      const sign = { ...span, end: span.start + 1 };
      diagnostics.push(reportForeign(source, sign.start, sign.end, false, [replacement(sign, '//')]));
      return [];
    }
    case token.UnclosedString:
      diagnostics.push(report('UNET1005', { what: 'string', quote: '`"`' }, span));
      return [retyped(found, token.StringLiteral)];
    case token.UnclosedName:
      diagnostics.push(report('UNET1005', { what: 'name in backticks', quote: 'a backtick' }, span));
      return [retyped(found, token.QuotedName)];
    case token.StringLiteral:
      reportEscapes(source, found, diagnostics);
      reportControl(source, found, diagnostics);
      return [found];
    case token.QuotedName:
      if (found.image.length === 2) {
        diagnostics.push(report('UNET1001', { expected: 'a name', found: 'empty backticks' }, span));
      }
      reportControl(source, found, diagnostics);
      return [found];
    default:
      return [found];
  }
}

function quoted(found: IToken): string {
  return `"${found.image.slice(1, -1).replace(/[\\"]/g, '_')}"`;
}

function retyped(found: IToken, type: IToken['tokenType'], image = found.image, start = found.startOffset): IToken {
  return tokenAt(type, image, start);
}

/** An ASCII word is a name; letters beyond ASCII are kept with an error, other characters are removed. */
function repairWord(source: SourceFile, found: IToken, diagnostics: Diagnostic[]): IToken[] {
  if (/^[\x00-\x7F]*$/.test(found.image)) return [found];
  const kept: IToken[] = [];
  for (const piece of found.image.matchAll(/[\p{L}\p{M}\p{N}_]+|[^\p{L}\p{M}\p{N}_]+/gu)) {
    const start = found.startOffset + piece.index;
    const isWord = /^[\p{L}\p{M}_]/u.test(piece[0]);
    if (isWord) kept.push(retyped(found, token.Identifier, piece[0], start));
    if (!isWord || !/^\w+$/.test(piece[0])) {
      diagnostics.push(reportForeign(source, start, start + piece[0].length, isWord));
    }
  }
  return kept;
}

/** Hints for the syntax of other languages. */
const hints: Readonly<Record<string, string>> = {
  "'": 'Strings are enclosed in `"`.',
  '“': 'Strings are enclosed in `"`.',
  '#': 'Comments begin with `//`.',
  ';': 'Members end with a line break or a comma.',
  '&&': 'Use `and` to combine conditions.',
  '||': 'Use `or` to combine conditions.',
  '!': 'Use `not` to negate a condition.',
  '→': 'Use `->` to pipe a tensor into a layer.',
  '×': 'Use `*` to multiply.',
  '−': 'Use `-` to subtract.',
  '–': 'Use `-` to subtract.',
  '…': 'Use `...S` for any further axes.',
};

function reportForeign(
  source: SourceFile,
  start: number,
  end: number,
  isWord = false,
  fixes: readonly Fix[] = [],
): Diagnostic {
  const text = source.text.slice(start, end);
  const word = operators[text]?.name.toLowerCase();
  const span = { source, start, end };
  const character = isWord ? `\`${text}\`` : describeCharacter(text);
  const help = isWord
    ? `Names consist of the letters a to z, digits and \`_\`; enclose any other name in backticks: \`\`${text}\`\`.`
    : (hints[text.slice(0, 2)] ?? hints[text.charAt(0)]);
  const own = word === undefined ? fixes : [replacement(span, text === '!' ? `${word} ` : word)];
  return report('UNET1004', { character }, span, { help, fixes: own });
}

/** Reports control characters, which editors do not show, in strings, names and comments. */
function reportControl(source: SourceFile, found: IToken, diagnostics: Diagnostic[]): void {
  for (const match of found.image.matchAll(/[\x00-\x08\x0B-\x1F\x7F]+/g)) {
    const start = found.startOffset + match.index;
    diagnostics.push(reportForeign(source, start, start + match[0].length));
  }
}

function reportEscapes(source: SourceFile, found: IToken, diagnostics: Diagnostic[]): void {
  for (const match of found.image.slice(1, -1).matchAll(/\\(.)/gu)) {
    if (match[1] === '"' || match[1] === '\\') continue;
    const start = found.startOffset + 1 + match.index;
    const span = { source, start, end: start + match[0].length };
    const help = 'The escape sequences are `\\"` and `\\\\`.';
    diagnostics.push(report('UNET1006', { escape: `\`${match[0]}\`` }, span, { help }));
  }
}

/** A visible form: the character or the operator, or its code if it would not be visible. */
function describeCharacter(text: string): string {
  if (operators[text] !== undefined) return `\`${text}\``;
  const code = text.codePointAt(0) ?? 0;
  const visible = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(text);
  const name = visible ? `\`${String.fromCodePoint(code)}\`` : '';
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return visible && code < 0x7f ? name : visible ? `${name} (${number})` : number;
}
