import type { IToken } from 'chevrotain';
import { unquote } from './build-context.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { isName } from './continuation.js';
import type { LayoutToken } from './layout.js';
import { spanOf } from './lex.js';
import { joinSpans, type SourceFile } from './source.js';
import * as token from './tokens.js';

/** Leaves out `study` statements, with one report each: a later version of the language has them. */
export function skipStudies(
  source: SourceFile,
  tokens: readonly LayoutToken[],
): { tokens: readonly LayoutToken[]; diagnostics: readonly Diagnostic[] } {
  const kept: LayoutToken[] = [];
  const diagnostics: Diagnostic[] = [];
  let depth = 0;
  let skips = false;
  tokens.forEach((found, i) => {
    if (depth === 0 && found.tokenType === token.Separator) {
      skips = tokens[i + 1]?.tokenType === token.Study;
      if (skips) diagnostics.push(reportStudy(source, tokens[i + 1], tokens[i + 2]));
    }
    if (found.tokenType === token.BraceOpen) depth++;
    if (found.tokenType === token.BraceClose) depth--;
    if (!skips) kept.push(found);
  });
  return { tokens: kept, diagnostics };
}

function reportStudy(source: SourceFile, word: IToken | undefined, next: IToken | undefined): Diagnostic {
  const name = next !== undefined && isName(next) ? next : undefined;
  const spans = [word, name].flatMap((found) => (found === undefined ? [] : [spanOf(source, found)]));
  const span = spans.reduce(joinSpans);
  return report('UNET1010', { name: name === undefined ? '' : unquote(name.image) }, span);
}
