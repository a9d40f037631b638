import type { NameNode, Node, Statement } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { visit } from '../../grammar/nodes.js';
import type { Span } from '../../grammar/source.js';
import type { Symbol } from '../bind/symbol.js';
import type { BoundModel } from '../lower/model.js';
import { baseOf, settingSymbols, type Program } from './program.js';

/** Errors that leave the boundaries of statements unclear, and those that stand for errors not shown. */
const unbounded: ReadonlySet<string> = new Set([
  'UNET1002',
  'UNET1003',
  'UNET1005',
  'UNET1012',
  'UNET1013',
  'UNET1014',
]);

/**
 * The program's diagnostics that concern one statement: those in it and in everything it uses, directly or indirectly.
 * A model uses its blocks and its base; with `model`, also what its settings (`--set`) use. A study uses its protocol
 * and its models. Errors in other statements do not affect it.
 */
export function diagnosticsConcerning(program: Program, statement: Statement, model?: BoundModel): Diagnostic[] {
  const used = usedStatements(program, statement, model);
  const sources = new Set([...used].map(({ span }) => span.source));
  const statements = [...program.files.values()].flatMap(({ node }) => node.statements);
  const statementAt = ({ source, start }: Span): Statement | undefined =>
    statements.findLast(({ span }) => span.source === source && span.start <= start);
  const concerns = (span: Span): boolean => {
    const own = statementAt(span);
    return own === undefined || own.kind === 'Use' ? sources.has(span.source) : used.has(own);
  };
  return program.diagnostics.filter(
    ({ code, span, labels }) =>
      concerns(span) ||
      labels.some((label) => concerns(label.span)) ||
      (unbounded.has(code) && sources.has(span.source)),
  );
}

/** Whether a symbol refers to a statement: a block, or a model or protocol named by a study. */
function isStatement(symbol: Symbol): symbol is Extract<Symbol, { kind: 'block' | 'model' | 'protocol' }> {
  return ['block', 'model', 'protocol'].includes(symbol.kind);
}

function usedStatements(program: Program, statement: Statement, model: BoundModel | undefined): ReadonlySet<Statement> {
  const used = new Set<Statement>([statement]);
  const addDeclared = (root: Node, symbols: ReadonlyMap<NameNode, Symbol>): void =>
    visit(root, {
      enter: (node) => {
        const symbol = node.kind === 'Name' ? symbols.get(node) : undefined;
        if (symbol !== undefined && isStatement(symbol)) used.add(symbol.declaration);
      },
    });
  if (model !== undefined) {
    const { symbols } = settingSymbols(program, model);
    for (const setting of model.settings.values()) addDeclared(setting, symbols);
  }
  // Entries added during the loop are visited too.
  for (const each of used) {
    addDeclared(each, program.symbols);
    const base = each.kind === 'Variant' ? baseOf(program.bindings, each) : undefined;
    if (base !== undefined) used.add(base);
  }
  return used;
}
