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
    const begins = depth === 0 && (i === 0 || tokens[i - 1]?.tokenType === token.Separator);
    if (begins) skips = found.tokenType === token.Study;
    if (begins && skips) {
      const next = tokens[i + 1];
      const name = next !== undefined && isName(next) ? next : undefined;
      const own = spanOf(source, found);
      const span = name === undefined ? own : joinSpans(own, spanOf(source, name));
      diagnostics.push(report('UNET1010', { name: name?.image.replace(/`/g, '') ?? '' }, span));
    }
    if (found.tokenType === token.BraceOpen) depth++;
    if (found.tokenType === token.BraceClose) depth--;
    const isSeparator = depth === 0 && found.tokenType === token.Separator;
    const isRepeated = isSeparator && (kept.length === 0 || kept.at(-1)?.tokenType === token.Separator);
    if ((!skips || isSeparator) && !isRepeated) kept.push(found);
  });
  if (kept.at(-1)?.tokenType === token.Separator) kept.pop();
  return { tokens: kept, diagnostics };
}
