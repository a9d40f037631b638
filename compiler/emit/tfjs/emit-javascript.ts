import type { Network } from '../../ir/ir.js';
import { generatedModule, type GeneratedFunction } from './generated-module.js';

/**
 * Returns a network's generated module as JavaScript: the code that `emitTfjs` writes, without its types (a test
 * compares the two token by token). It does not load the TypeScript compiler, which takes longer than everything else
 * that opening a trained network needs.
 */
export function emitJavaScript(network: Network): string {
  const { header, imports, functions, constants } = generatedModule(network);
  const importLines = imports
    .filter(({ typeOnly }) => !typeOnly)
    .map(({ name, from }) => `import * as ${name} from "${from}";`);
  const constantTexts = constants.map(
    ({ name, initializer, doc }) => `/** ${doc} */\nexport const ${name} = ${initializer};`,
  );
  return [`${header}\n${importLines.join('\n')}`, ...functions.map(functionText), ...constantTexts, '']
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

function functionText({ name, parameters, doc, statements }: GeneratedFunction): string {
  const list = parameters.map((parameter) => `${parameter.name} = ${parameter.initializer}`).join(', ');
  const lines = statements.flatMap((statement) => statement.split('\n'));
  const body = lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
  return `/** ${doc} */\nexport function ${name}(${list}) {\n${body}\n}`;
}
