/** Syntax of other languages, as the parser meets it: what to write instead. */
import type { IRecognitionException, IToken } from 'chevrotain';
import type { Comment } from './ast.js';
import type { Diagnostic, DiagnosticExtras, Fix } from './diagnostics/diagnostic.js';
import { foreignStatements } from './diagnostics/foreign-words.js';
import { report } from './diagnostics/registry.js';
import { replacement } from './diagnostics/suggest.js';
import { spanOf } from './lex.js';
import { positionAt, textOf, type SourceFile, type Span } from './source.js';
import * as token from './tokens.js';

/** Help for a parser error that the syntax of another language causes; undefined if it does not look like one. */
export function foreignSyntax(
  source: SourceFile,
  { token: found, context }: IRecognitionException,
  before: IToken | undefined,
): DiagnosticExtras | undefined {
  const rule = context.ruleStack.at(-1) ?? '';
  if (found.image === '*' && before?.image === '*') return power(source, before, found);
  if (found.tokenType === token.Equals && comparingRules.has(rule)) {
    return { help: 'Use `==` to compare.', fixes: [replacement(spanOf(source, found), '==')] };
  }
  const lead = firstWord(source, found);
  if (lead === undefined) return undefined;
  const help = foreignStatements[textOf(lead)];
  if (help !== undefined) return { help, fixes: removal(lead) };
  if (found.tokenType !== token.Equals || rule !== 'block') return undefined;
  const fixes = [{ title: 'Begin with `let`', span: { ...lead, end: lead.start }, text: 'let ' }];
  return {
    help: 'A value is named once, by `let name = ...`. Give each step its own name, or join them with `->`.',
    fixes,
  };
}

/** Rules in which `=` can only be a mistyped `==`. */
const comparingRules = new Set(['conditional', 'step', 'auxPart', 'group', 'elements', 'suffix']);

function power(source: SourceFile, first: IToken, second: IToken): DiagnosticExtras | undefined {
  if (second.startOffset !== first.startOffset + 1) return undefined;
  const span = { source, start: first.startOffset, end: first.startOffset + 2 };
  return { help: 'Powers are written `a ^ b`.', fixes: [replacement(span, '^')] };
}

/** The first word of a token's line, if nothing else precedes the token. */
function firstWord(source: SourceFile, { startOffset, image }: IToken): Span | undefined {
  if (Number.isNaN(startOffset)) return undefined;
  const begin = startOffset - positionAt(source, startOffset).column + 1;
  const line = source.text.slice(begin, startOffset);
  const word = line.trim() === '' ? image : line.trim();
  const start = line.trim() === '' ? startOffset : begin + line.indexOf(word);
  return /^\w+$/.test(word) ? { source, start, end: start + word.length } : undefined;
}

/** `return x` becomes `x`; a line that imports is removed. */
function removal(word: Span): readonly Fix[] {
  const rest = word.source.text.slice(word.end).match(/^[^\r\n]*(?:\r\n|\n|\r)?/)?.[0] ?? '';
  if (textOf(word) === 'return') {
    const blank = rest.length - rest.trimStart().length;
    return [{ title: 'Remove `return`', span: { ...word, end: word.end + blank }, text: '' }];
  }
  if (textOf(word) !== 'import' && textOf(word) !== 'from') return [];
  return [{ title: 'Remove this line', span: { ...word, end: word.end + rest.length }, text: '' }];
}

/** A division by `//`, which begins a comment here: what is before the comment and what is in it. */
interface Division {
  readonly span: Span;
  readonly text: string;
}

/** The name or number at the end of a line, with the blanks after it. */
function lastOperand(text: string): string | undefined {
  const operand = text.trimEnd();
  let begin = operand.length;
  while (/[\w.]/.test(operand.charAt(begin - 1))) begin--;
  return begin === operand.length ? undefined : text.slice(begin);
}

function divisionAt({ span }: Comment, divisor: RegExp): Division | undefined {
  const { source, start } = span;
  const { column } = positionAt(source, start);
  const dividend = lastOperand(source.text.slice(start - column + 1, start));
  const after = divisor.exec(source.text.slice(start, span.end))?.[1];
  if (dividend === undefined || after === undefined) return undefined;
  const end = start + source.text.slice(start, span.end).indexOf(after) + after.length;
  return { span: { source, start: start - dividend.length, end }, text: `floor(${dividend.trim()} / ${after})` };
}

const divisionHelp = '`//` begins a comment; integer division is `floor(a / b)`.';

/** Explains brackets that are not closed because a division by `//` hides the rest of their line. */
export function explainHiddenBrackets(
  comments: readonly Comment[],
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    if (diagnostic.code !== 'UNET1002') return diagnostic;
    const { source, start } = diagnostic.span;
    const { line } = positionAt(source, start);
    const comment = comments.find(({ span }) => span.start > start && positionAt(source, span.start).line === line);
    const division = comment === undefined ? undefined : divisionAt(comment, /^\/\/[ \t]*([\w.]+)/);
    if (division === undefined) return diagnostic;
    return { ...diagnostic, help: divisionHelp, fixes: [replacement(division.span, division.text)] };
  });
}

/** UNET4006: a comment that is a number alone, right after a value, is meant as a divisor. */
export function findHiddenDivisions(comments: readonly Comment[]): readonly Diagnostic[] {
  return comments.flatMap((comment) => {
    const division = divisionAt(comment, /^\/\/[ \t]*([0-9]+)[ \t]*(?:$|[),\]+*]|-)/);
    if (division === undefined) return [];
    const fixes = [replacement(division.span, division.text)];
    return [report('UNET4006', { divisor: textOf(comment.span) }, comment.span, { help: divisionHelp, fixes })];
  });
}
