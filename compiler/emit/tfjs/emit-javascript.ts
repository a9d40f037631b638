import type { Network } from '../../ir/ir.js';
import { commentText } from '../../generate/comment-text.js';
import { indented } from '../../generate/code.js';
import { docComment, generatedModule } from '../../generate/generated-module.js';
import type { GeneratedFunction } from '../../generate/module.js';

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

function functionText({ name, isExported, parameters, doc, statements }: GeneratedFunction): string {
  const list = parameters.map((each) =>
    each.initializer === undefined ? each.name : `${each.name} = ${each.initializer}`,
  );
  const lines = statements.map((each) =>
    typeof each === 'string' ? each : `const ${each.variable} = ${each.initializer};`,
  );
  const head = `${isExported ? 'export ' : ''}function ${name}(${list.join(', ')})`;
  return `${docOf(doc)}${head} {\n${indented(lines.join('\n'))}\n}`;
}

function docOf(doc: string): string {
  if (doc === '') return '';
  const lines = doc.split(/\r\n|\r|\n/);
  return lines.length === 1 ? `/** ${commentText(doc)} */\n` : `${docComment(lines)}\n`;
}
