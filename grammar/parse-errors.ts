import { EOF, type IRecognitionException, type IToken } from 'chevrotain';
import { describe } from './expectations.js';
import type { Diagnostic, DiagnosticExtras } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { suggestionFor, replacement } from './diagnostics/suggest.js';
import { spanOf } from './lex.js';
import { foreignSyntax } from './foreign-syntax.js';
import type { SourceFile, Span } from './source.js';
import * as token from './tokens.js';

const memberWords = ['input', 'output', 'knob', 'encoder', 'decoder', 'head', 'aux', 'penalty', 'init', 'let'];
const statementWords = ['use', 'block', 'model', 'protocol', 'study'];

/** The diagnostic for a parser error; its message describes what was expected. */
export function explainError(source: SourceFile, error: IRecognitionException): Diagnostic {
  const { token: found, message: expected } = error;
  const rule = error.context.ruleStack.at(-1) ?? '';
  const before = previousOf(error);
  if (rule === 'assignment' && expected === '`=`' && before !== undefined && found.tokenType === token.Identifier) {
    return unknownWord(source, before, 'a member of a model', memberWords);
  }
  const foreign = foreignSyntax(source, error, before);
  if (rule === 'statement') return unknownWord(source, found, expected, statementWords, foreign);
  if (expected === 'a name' && token.reservedWords.includes(found.tokenType)) {
    const help = 'Choose another name, or enclose this one in backticks.';
    const span = spanOf(source, found);
    const fixes = [{ ...replacement(span, `\`${found.image}\``), title: 'Enclose it in backticks' }];
    return report('UNET1011', { word: found.image }, span, { help, fixes });
  }
  const extras = foreign ?? { help: helpFor(found, before, rule) };
  return report('UNET1001', { expected, found: describe(found) }, placeOf(source, found, before), extras);
}

function unknownWord(
  source: SourceFile,
  found: IToken,
  expected: string,
  words: readonly string[],
  foreign?: DiagnosticExtras,
): Diagnostic {
  const near = isNaN(found.startOffset) ? {} : suggestionFor(found.image, words, spanOf(source, found));
  const extras = foreign ?? near;
  return report('UNET1001', { expected, found: describe(found) }, placeOf(source, found, undefined), extras);
}

function previousOf(error: IRecognitionException): IToken | undefined {
  return 'previousToken' in error ? (error.previousToken as IToken | undefined) : undefined;
}

/** At the end of the text the position is right after the previous token; elsewhere it is the token found. */
function placeOf(source: SourceFile, found: IToken, before: IToken | undefined): Span {
  const breaksOff = found.tokenType === EOF || (found.tokenType === token.Separator && found.image !== ',');
  if (!breaksOff && !Number.isNaN(found.startOffset)) return spanOf(source, found);
  const known = before !== undefined && !Number.isNaN(before.startOffset);
  const end = known ? before.startOffset + before.image.length : source.text.trimEnd().length;
  return { source, start: end, end };
}

function helpFor(found: IToken, before: IToken | undefined, rule: string): string | undefined {
  if (before === undefined) return undefined;
  if (rule === 'part' && found.tokenType === token.BraceOpen) {
    return 'A part is one expression, such as `level(c): conv(c, 3) -> relu`. Write several statements as a block, and apply it here.';
  }
  if (found.tokenType === token.GroupOpen || found.tokenType === token.ListOpen) {
    return `\`${found.image}\` cannot begin a line here; it continues the expression on the line before.`;
  }
  return undefined;
}
