/**
 * ESLint rules on imports that eslint-plugin-import-x lacks: its `no-cycle` does not follow imports of types, which
 * entangle files just as those of values do.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The files that a file imports by relative paths, types included. */
function importsOf(file) {
  return ts
    .preProcessFile(readFileSync(file, 'utf8'), true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => path.resolve(path.dirname(file), fileName.replace(/\.js$/, '.ts')));
}

/** The imports of each file, as far as it was looked at; kept while ESLint runs. */
const known = new Map();

function importsOnce(file) {
  if (!known.has(file)) known.set(file, ts.sys.fileExists(file) ? importsOf(file) : []);
  return known.get(file);
}

/** The shortest way from one file to another along imports; undefined if there is none. */
function pathBetween(from, to) {
  const cameFrom = new Map([[from, undefined]]);
  for (const file of cameFrom.keys()) {
    if (file === to) {
      const steps = [];
      for (let step = file; step !== undefined; step = cameFrom.get(step)) steps.unshift(step);
      return steps;
    }
    for (const next of importsOnce(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  return undefined;
}

const noTypeCycle = {
  meta: {
    type: 'problem',
    docs: { description: 'Forbid cycles of imports, those of types included.' },
    schema: [],
    messages: { cycle: 'This import closes a cycle: {{cycle}}.' },
  },
  create(context) {
    const check = (node) => {
      const name = node.source?.value;
      if (typeof name !== 'string' || !name.startsWith('.')) return;
      const target = path.resolve(path.dirname(context.filename), name.replace(/\.js$/, '.ts'));
      const back = pathBetween(target, context.filename);
      if (back === undefined) return;
      const cycle = [context.filename, ...back].map((file) => path.relative(context.cwd, file)).join(' -> ');
      context.report({ node, messageId: 'cycle', data: { cycle } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

export default { rules: { 'no-type-cycle': noTypeCycle } };
