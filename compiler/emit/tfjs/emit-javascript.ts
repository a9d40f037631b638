import { ts } from 'ts-morph';

/** A generated TypeScript module as an ES module of plain JavaScript, comments kept. */
export function emitJavaScript(typescriptText: string): string {
  const { outputText } = ts.transpileModule(typescriptText, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  return outputText;
}
