/**
 * TypeScript of a network: one module that builds a `tf.LayersModel` from the runtime's layers. Loading this file loads
 * ts-morph and with it the TypeScript compiler, so import it where it is needed and not before.
 */
import { IndentationText, Project } from 'ts-morph';
import type { Network } from '../../ir/ir.js';
import { generatedModule } from './generated-module.js';

export interface EmitOptions {
  /** What the module imports the runtime as; defaults to `unet-lang/runtime`. */
  readonly runtime?: string;
}

/** Returns a network's generated module as TypeScript. The same network gives the same bytes. */
export function emitTfjs(network: Network, options: EmitOptions = {}): string {
  const { header, imports, functions, constants } = generatedModule(network, options.runtime);
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
  file.addFunctions(
    functions.map(({ name, parameters, returnType, doc, statements }) => ({
      isExported: true,
      name,
      parameters: parameters.map((each) => ({ ...each })),
      returnType,
      docs: [doc],
      statements: [...statements],
    })),
  );
  for (const { name, type, initializer, doc } of constants) {
    file.addStatements([`\n/** ${doc} */`, `export const ${name}: ${type} = ${initializer};`]);
  }
  // ts-morph indents empty lines too; no literal spans lines, so that this touches layout alone.
  return file.getFullText().replace(/(?<! ) +$/gm, '');
}
