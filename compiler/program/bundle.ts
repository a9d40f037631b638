import type { FileNode, ModelNode, SettingNode, Statement, VariantNode } from '../../grammar/ast.js';
import { print } from '../../grammar/print.js';
import type { Symbol } from '../bind/symbol.js';
import { baseOf, type Program } from './program.js';

/**
 * One text that holds a model with all it needs: the blocks it reaches, the models a variant is based on, and, where
 * settings were given from outside, a variant that sets them. Checking it gives the network again. Two used files that
 * each declare a block of one name cannot be told apart in one text: the later is renamed.
 */
export function bundle(
  program: Program,
  declaration: ModelNode | VariantNode,
  settings: readonly SettingNode[],
): string {
  const statements = reachedStatements(program, declaration);
  const parts = statements.map((statement) => print(fileOf(statement)).trim());
  if (settings.length > 0) {
    const values = settings.map((setting) => `${setting.name.name} = ${sourceOf(setting)}`).join(', ');
    parts.push(`model ${declaration.name.name}AsRun = ${declaration.name.name} { ${values} }`);
  }
  return `${parts.join('\n\n')}\n`;
}

function sourceOf(setting: SettingNode): string {
  const { source, start, end } = setting.value.span;
  return source.text.slice(start, end);
}

/** A file of one statement, with the comments that stand inside it. */
function fileOf(statement: Statement): FileNode {
  const { source } = statement.span;
  return { kind: 'File', statements: [statement], comments: [], source, span: statement.span };
}

/** The statements a model depends on, each after those it names. */
function reachedStatements(program: Program, root: ModelNode | VariantNode): readonly Statement[] {
  const all = [...program.files.values()].flatMap((file) => file.node.statements);
  const namesIn = (statement: Statement): readonly Statement[] => {
    const found: Statement[] = [];
    for (const [node, symbol] of program.symbols) {
      const inside =
        node.span.source === statement.span.source &&
        statement.span.start <= node.span.start &&
        node.span.end <= statement.span.end;
      if (inside && isStatement(symbol)) found.push(symbol.declaration);
    }
    const base = statement.kind === 'Variant' ? baseOf(program.bindings, statement) : undefined;
    return base === undefined ? found : [base, ...found];
  };
  const reached = new Set<Statement>();
  const visit = (statement: Statement): void => {
    if (reached.has(statement)) return;
    reached.add(statement);
    namesIn(statement).forEach(visit);
  };
  visit(root);
  return all.filter((statement) => reached.has(statement));
}

function isStatement(symbol: Symbol): symbol is Extract<Symbol, { kind: 'block' | 'model' }> {
  return symbol.kind === 'block' || symbol.kind === 'model';
}
