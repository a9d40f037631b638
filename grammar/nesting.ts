import type { TokenType } from 'chevrotain';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import type { LayoutToken } from './layout.js';
import { spanOf } from './lex.js';
import type { SourceFile } from './source.js';
import * as token from './tokens.js';

/**
 * The maximum depth of a syntax tree, so that no traversal overflows the stack: 64 brackets, or 128 conditions, or 256
 * operators, or a mixture. The parser, before JIT compilation, overflows the default stack at about 130 brackets.
 */
const nestingLimit = 256;
const bracketWeight = 4;
const conditionWeight = 2;

const openers = new Set<TokenType>([token.BraceOpen, token.GroupOpen, token.CallOpen, token.ListOpen, token.IndexOpen]);
const closers = new Set<TokenType>([token.BraceClose, token.GroupClose, token.ListClose]);
/** Each of these makes the tree of its member one level deeper. */
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

/** Removes code nested deeper than the limit, with one error for each place, before the recursive parser sees it. */
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
