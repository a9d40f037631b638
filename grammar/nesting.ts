import type { TokenType } from 'chevrotain';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import type { LayoutToken } from './layout.js';
import { spanOf } from './lex.js';
import type { SourceFile } from './source.js';
import * as token from './tokens.js';

/**
 * How deep a syntax tree may get, so that no walk over it runs out of stack: 64 brackets, or 128 conditions, or 256
 * operators, or a mixture. The parser, before it is compiled, runs out at about 130 brackets of the default stack.
 */
const nestingLimit = 256;
const bracketWeight = 4;
const conditionWeight = 2;

const openers = new Set<TokenType>([token.BraceOpen, token.GroupOpen, token.CallOpen, token.ListOpen, token.IndexOpen]);
const closers = new Set<TokenType>([token.BraceClose, token.GroupClose, token.ListClose]);
/** Each of these makes the tree of its member one deeper. */
const deepening = new Set<TokenType>([
  ...token.vocabulary.filter((type) => type.CATEGORIES?.includes(token.Infix)),
  token.Arrow,
  token.Not,
  token.Dot,
]);

function weightOf(type: TokenType): number {
  if (openers.has(type)) return bracketWeight;
  if (type === token.If) return conditionWeight;
  return deepening.has(type) ? 1 : 0;
}

/**
 * Leaves out what nests deeper than the limit, with one report for each place, before the parser's recursion meets it.
 */
export function limitNesting(
  source: SourceFile,
  tokens: readonly LayoutToken[],
): { tokens: readonly LayoutToken[]; diagnostics: readonly Diagnostic[] } {
  const kept: LayoutToken[] = [];
  const diagnostics: Diagnostic[] = [];
  const bases: { base: number; depth: number }[] = [];
  let frame = { base: 0, depth: 0 };
  let skipFrom: number | undefined;
  for (const found of tokens) {
    const type = found.tokenType;
    if (closers.has(type)) {
      if (skipFrom !== undefined && bases.length <= skipFrom) skipFrom = undefined;
      if (skipFrom === undefined) kept.push(found);
      frame = bases.pop() ?? frame;
      continue;
    }
    if ((type === token.Comma || type === token.Separator) && (skipFrom === undefined || bases.length <= skipFrom)) {
      skipFrom = undefined;
      frame = { base: frame.base, depth: frame.base };
    }
    frame = { base: frame.base, depth: frame.depth + weightOf(type) };
    if (skipFrom === undefined && frame.depth > nestingLimit) {
      skipFrom = bases.length;
      diagnostics.push(
        report('UNET1008', {}, spanOf(source, found), { help: 'Use `let` to name parts of the expression.' }),
      );
    }
    if (skipFrom === undefined) kept.push(found);
    if (openers.has(type)) {
      bases.push(frame);
      frame = { base: frame.depth, depth: frame.depth };
    }
  }
  return { tokens: kept, diagnostics };
}
