/**
 * TypeScript of a network: one module that builds a `tf.LayersModel` from the runtime's layers. Loading this file loads
 * ts-morph and with it the TypeScript compiler, so import it where it is needed and not before.
 */
import {
  IndentationText,
  Project,
  StructureKind,
  VariableDeclarationKind,
  type ParameterDeclarationStructure,
  type StatementStructures,
} from 'ts-morph';
import type { Network } from '../../ir/ir.js';
import { commentText } from '../../generate/comment-text.js';
import { lineWidth } from '../../generate/code.js';
import { generatedModule } from '../../generate/generated-module.js';
import type { GeneratedFunction, GeneratedParameter } from '../../generate/module.js';
import type { GeneratedStatement } from '../../generate/statements.js';

export interface EmitOptions {
  /** The module specifier of the runtime import; defaults to `unet-lang/runtime`. */
  readonly runtime?: string;
}

/** Returns a network's generated module as TypeScript. The same network gives the same bytes. */
export function emitTfjs(network: Network, options: EmitOptions = {}): string {
  const { header, imports, types, functions, constants } = generatedModule(network, options.runtime);
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces },
  });
  const file = project.createSourceFile('model.ts', `${header}\n`);
  file.addImportDeclarations(
    imports.map(({ name, from, typeOnly }) => ({
      isTypeOnly: typeOnly,
      namespaceImport: name,
      moduleSpecifier: from,
    })),
  );
  file.addTypeAliases(types.map(({ name, type }) => ({ name, type })));
  file.addFunctions(
    functions.map(({ name, isExported, parameters, returnType, doc, statements }) => ({
      isExported,
      name,
      parameters: parameters.map(parameterStructure),
      returnType,
      docs: doc === '' ? [] : [docText(doc)],
      statements: joined(statements).map(statementStructure),
    })),
  );
  for (const { name, type, initializer, doc } of constants) {
    file.addStatements([`\n/** ${doc} */`, `export const ${name}: ${type} = ${initializer};`]);
  }
  // ts-morph indents empty lines too; no literal spans lines, so that this touches layout alone.
  return breakSignatures(file.getFullText(), functions).replace(/(?<! ) +$/gm, '');
}

/** Documentation of several lines begins on a line of its own. */
export function docText(doc: string): string {
  const lines = doc.split(/\r\n|\r|\n/).map(commentText);
  return lines.length === 1 ? (lines[0] ?? '') : `\n${lines.join('\n')}`;
}

/** A parameter; the type is omitted if the default is a plain number or boolean. */
function parameterStructure({ name, type, initializer }: GeneratedParameter): ParameterDeclarationStructure {
  const isPlain = /^(-?[\d.e-]+|true|false)$/.test(initializer ?? '') && (type === 'number' || type === 'boolean');
  const base = { kind: StructureKind.Parameter as const, name };
  return { ...base, ...(isPlain ? {} : { type }), ...(initializer === undefined ? {} : { initializer }) };
}

/** Puts one parameter on each line of a signature that is too long, which ts-morph does not. */
function breakSignatures(text: string, functions: readonly GeneratedFunction[]): string {
  return functions.reduce((whole, { name, parameters }) => {
    const list = parameters.map(parameterStructure).map((each) => {
      const type = each.type === undefined ? '' : `: ${each.type as string}`;
      return `${each.name}${type}${each.initializer === undefined ? '' : ` = ${each.initializer as string}`}`;
    });
    const flat = `function ${name}(${list.join(', ')})`;
    const [line = ''] = whole.slice(whole.indexOf(flat)).split('\n', 1);
    if (line.length <= lineWidth) return whole;
    return whole.replace(flat, () => `function ${name}(\n${list.map((each) => `  ${each},\n`).join('')})`);
  }, text);
}

/** ts-morph puts empty lines around blocks that are statements of their own, so plain text is one statement. */
function joined(statements: readonly GeneratedStatement[]): readonly GeneratedStatement[] {
  const result: GeneratedStatement[] = [];
  for (const each of statements) {
    const last = result.at(-1);
    if (typeof each === 'string' && typeof last === 'string') result[result.length - 1] = `${last}\n${each}`;
    else result.push(each);
  }
  return result;
}

function statementStructure(statement: GeneratedStatement): string | StatementStructures {
  if (typeof statement === 'string') return statement;
  const { variable, type, initializer } = statement;
  return {
    kind: StructureKind.VariableStatement,
    declarationKind: VariableDeclarationKind.Const,
    declarations: [{ name: variable, type, initializer }],
  };
}
