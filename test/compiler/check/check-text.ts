import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import type { Diagnostic } from '../../../grammar/diagnostics/diagnostic.js';
import { checkProgram } from '../../../compiler/check/check.js';
import type { Host } from '../../../compiler/program/host.js';
import { openProgram, type Program } from '../../../compiler/program/program.js';

/** The file an example is where it names none. */
export const rootName = 'spec.unet';

/**
 * The files of an example: lines `// file: NAME` begin a new one, the first of which is the file that is checked. Text
 * without such a line is one file. A line keeps its number: what stood before is left empty.
 */
export function splitFiles(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let name = rootName;
  for (const [index, line] of text.split('\n').entries()) {
    const next = /^\/\/ file: (\S+)\s*$/.exec(line)?.[1];
    if (next !== undefined) {
      name = next;
      files.set(name, '\n'.repeat(index + 1));
    } else {
      files.set(name, `${files.get(name) ?? ''}${line}\n`);
    }
  }
  const [first] = files;
  if (first?.[0] === rootName && first[1].trim() === '' && files.size > 1) files.delete(rootName);
  return files;
}

// From the folder of the tests, also when this module is bundled into the fuzzer.
const library = resolve('specs/lib');
const libraryNames = readdirSync(library);

/** A host of texts and of the library; `use` is relative to the file that says it. */
export function hostOf(files: ReadonlyMap<string, string | Uint8Array>): Host {
  const isLibrary = (path: string): boolean => path.startsWith('unet:lib/') && libraryNames.includes(path.slice(9));
  return {
    readFile: (path) => {
      if (isLibrary(path)) return readFileSync(join(library, path.slice(9)));
      const content = files.get(path);
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    resolve: (from, to) => (to.startsWith('unet:') ? to : posix.join(posix.dirname(from), to)),
    namesBeside: (path) =>
      isLibrary(path)
        ? libraryNames
        : [...files.keys()].flatMap((each) =>
            posix.dirname(each) === posix.dirname(path) ? posix.basename(each) : [],
          ),
  };
}

/** Opens the first of `files`. */
export function openFiles(files: ReadonlyMap<string, string | Uint8Array>): Program {
  const [root] = files.keys();
  const program = root === undefined ? undefined : openProgram(hostOf(files), root);
  if (program === undefined) throw new Error('there is no file to check');
  return program;
}

/** Everything the checker says of an example. */
export function checkText(text: string): readonly Diagnostic[] {
  return checkProgram(openFiles(splitFiles(text)));
}
