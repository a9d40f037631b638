/**
 * A lint rule: no module imports itself through others, type-only imports included. (`import-x/no-cycle` leaves type-only
 * imports out, and so does every option of it; dependency-cruiser would be a second tool with a graph of its own.)
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const specifier = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;

function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => /\.c?ts$/.test(file));
}

/** The source file that a relative import of a file means; undefined if it is none of ours. */
function resolve(file, spec) {
  const target = path.resolve(path.dirname(file), spec).replace(/\.(c?)js$/, '.$1ts');
  return existsSync(target) ? target : undefined;
}

function graphOf(folders) {
  const files = folders.flatMap(sourcesIn);
  return new Map(
    files.map((file) => {
      const imports = [...readFileSync(file, 'utf8').matchAll(specifier)].map((match) => resolve(file, match[1]));
      return [file, new Set(imports.filter((each) => each !== undefined))];
    }),
  );
}

/** Whether `to` is reached from `from`. */
function reaches(graph, from, to) {
  const seen = new Set();
  const open = [from];
  while (open.length > 0) {
    const file = open.pop();
    if (file === to) return true;
    if (seen.has(file)) continue;
    seen.add(file);
    open.push(...(graph.get(file) ?? []));
  }
  return false;
}

/** @param {readonly string[]} folders the rooms whose modules may be part of a cycle */
export function noImportCycle(folders) {
  let graph;
  return {
    meta: { type: 'problem', schema: [], messages: { cycle: 'This import closes a cycle.' } },
    create(context) {
      graph ??= graphOf(folders);
      const check = (node) => {
        const target = node.source === null ? undefined : resolve(context.filename, node.source.value);
        if (target !== undefined && graph.has(target) && reaches(graph, target, context.filename)) {
          context.report({ node: node.source, messageId: 'cycle' });
        }
      };
      return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
    },
  };
}
