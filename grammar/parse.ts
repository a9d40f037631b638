import type { CstNode, IRecognitionException, TokenType } from 'chevrotain';
import type { Expression, FileNode } from './ast.js';
import { balance } from './brackets.js';
import { buildFile } from './build-ast.js';
import type { BuildContext } from './build-context.js';
import { buildExpression } from './build-expression.js';
import type { ExpressionCstNode, FileCstNode } from './cst.generated.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { lex } from './lex.js';
import { layOut, type LayoutToken } from './layout.js';
import { explainHiddenBrackets, findHiddenDivisions } from './foreign-syntax.js';
import { limitNesting } from './nesting.js';
import { explainError } from './parse-errors.js';
import { parser } from './parser.js';
import { positionAt, type SourceFile } from './source.js';
import * as token from './tokens.js';

/** The maximum number of diagnostics for one text; if there are more, the last one says so. */
export const diagnosticLimit = 100;

/**
 * Parses `.unet` source. Never throws; takes linear time. Errors are in `diagnostics`, in text order; `file` contains
 * everything that could be parsed.
 */
export function parse(source: SourceFile): { file: FileNode; diagnostics: readonly Diagnostic[] } {
  const prepared = prepare(source, (tokens) => tokens);
  const { result, diagnostics } = run(source, prepared, () => parser.file(), buildFile as Build<FileNode>);
  return { file: result, diagnostics };
}

/** Parses a single expression, such as the value of `--set knob=value`. */
export function parseExpression(source: SourceFile): { expression: Expression; diagnostics: readonly Diagnostic[] } {
  const prepared = prepare(source, (tokens) => tokens.slice(1));
  const { result, diagnostics } = run(
    source,
    prepared,
    () => parser.expression(),
    (context, node) => buildExpression(context, [node as ExpressionCstNode]),
  );
  return { expression: result, diagnostics };
}

type Build<T> = (context: BuildContext, node: CstNode | FileCstNode) => T;

interface Prepared {
  readonly tokens: readonly LayoutToken[];
  readonly comments: FileNode['comments'];
  readonly diagnostics: readonly Diagnostic[];
  /** Diagnostics that leave the text as it is. */
  readonly warnings: readonly Diagnostic[];
}

/** text -> tokens -> balanced brackets -> layout -> tokens to parse, with limited nesting */
function prepare(source: SourceFile, select: (tokens: readonly LayoutToken[]) => readonly LayoutToken[]): Prepared {
  const lexed = lex(source);
  const balanced = balance(source, lexed.tokens, linesOf('UNET1005', lexed.diagnostics));
  const limited = limitNesting(source, select(layOut(balanced.tokens)));
  const brackets = explainHiddenBrackets(lexed.comments, balanced.diagnostics);
  const hidden = new Set(linesOf('UNET1002', brackets));
  const divisions = findHiddenDivisions(lexed.comments).filter(
    ({ span }) => !hidden.has(positionAt(source, span.start).line),
  );
  return {
    tokens: limited.tokens,
    comments: lexed.comments,
    diagnostics: [...lexed.diagnostics, ...brackets, ...limited.diagnostics],
    warnings: divisions,
  };
}

/** The lines on which diagnostics with a code begin. */
function linesOf(code: string, diagnostics: readonly Diagnostic[]): ReadonlySet<number> {
  const own = diagnostics.filter((each) => each.code === code);
  return new Set(own.map(({ span }) => positionAt(span.source, span.start).line));
}

/** tokens -> concrete tree -> syntax tree */
function run<T>(source: SourceFile, prepared: Prepared, rule: () => CstNode, build: Build<T>) {
  parser.begin(prepared.tokens);
  const tree = rule();
  const errors = parser.errors;
  parser.begin([]);
  const context: BuildContext = { source, comments: prepared.comments, diagnostics: [], cursor: 0 };
  const result = build(context, tree);
  const faults = new FaultsByMember(prepared.tokens, prepared.diagnostics);
  const found = firstOfRuns(errors, prepared.tokens).map((error) => {
    return { error, diagnostic: explainError(source, error) };
  });
  const first = found.filter(({ error }) => faults.isFirst(segmentOf(error)));
  const kept = context.diagnostics.filter(({ code, span }) => {
    const segment = faults.segmentAt(span.start);
    return code === 'UNET2028' ? !faults.hasError(segment) : faults.isFirst(segment);
  });
  const all = [...prepared.diagnostics, ...prepared.warnings, ...first.map(({ diagnostic }) => diagnostic), ...kept];
  return { result, diagnostics: limit(source, sort(all)) };
}

const statementWords: readonly TokenType[] = [token.Use, token.Block, token.Model, token.Protocol, token.Study];

/**
 * Removes the errors about lines that are not statements where such a line precedes them, with no statement between: a
 * text in another language has one error.
 */
function firstOfRuns(
  errors: readonly IRecognitionException[],
  tokens: readonly LayoutToken[],
): IRecognitionException[] {
  const starts = tokens.flatMap(({ tokenType }, index) => {
    const next = tokens[index + 1];
    const isStatement = tokenType === token.Separator && next !== undefined && statementWords.includes(next.tokenType);
    return isStatement ? [next.startOffset] : [];
  });
  let last = -1;
  let statement = 0;
  return errors.filter((error) => {
    if (error.context.ruleStack.at(-1) !== 'statement') return true;
    const offset = error.token.startOffset;
    while ((starts[statement] ?? Infinity) < offset) statement++;
    const follows = last >= 0 && last >= (starts[statement - 1] ?? -1);
    last = offset;
    return !follows;
  });
}

function segmentOf(error: IRecognitionException): number | undefined {
  const place = (error.token as Partial<LayoutToken>).segment;
  if (place !== undefined) return place;
  return 'previousToken' in error ? (error.previousToken as Partial<LayoutToken>).segment : undefined;
}

/** An error causes follow-up errors in the same member, so only the first one of each member is reported. */
class FaultsByMember {
  readonly #faulty = new Set<number | undefined>();

  constructor(
    private readonly tokens: readonly LayoutToken[],
    earlier: readonly Diagnostic[],
  ) {
    for (const { span, labels } of earlier) {
      this.#faulty.add(this.segmentAt(span.start));
      for (const label of labels) this.#faulty.add(this.segmentAt(label.span.start));
    }
  }

  isFirst(segment: number | undefined): boolean {
    if (segment !== undefined && this.#faulty.has(segment)) return false;
    this.#faulty.add(segment);
    return true;
  }

  hasError(segment: number | undefined): boolean {
    return this.#faulty.has(segment);
  }

  /** The member of the last token that begins at or before `offset`. */
  segmentAt(offset: number): number | undefined {
    let low = 0;
    let high = this.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle]?.startOffset ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return this.tokens[Math.max(0, low - 1)]?.segment;
  }
}

function sort(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

function limit(source: SourceFile, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= diagnosticLimit) return diagnostics;
  const shown = diagnostics.slice(0, diagnosticLimit - 1);
  const end = { source, start: source.text.length, end: source.text.length };
  return [...shown, report('UNET1012', { shown: shown.length }, end)];
}
