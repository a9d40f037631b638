import type { StringNode } from '../../grammar/ast.js';
import type { Diagnostic, Fix } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { didYouMeanAny, replacement, suggest } from '../../grammar/diagnostics/suggest.js';
import type { LoadedFile } from '../bind/loaded-file.js';
import type { FileCache } from './file-cache.js';
import type { Host } from './host.js';
import { libraryFiles, type ListedFile } from './library-index.js';
import { parseFile } from './parse-file.js';

export interface LoadedProgram {
  /** Every file that could be read, after the files it imports (unless a cycle prevents that). */
  readonly files: ReadonlyMap<string, LoadedFile>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and parses `root` and everything it imports, each file once. A missing root gives an empty program. A file
 * whose bytes `cache` contains is not parsed again; if its imports are the same too, it is the same object.
 */
export function load(host: Host, root: string, cache?: FileCache): LoadedProgram {
  const files = new Map<string, LoadedFile>();
  const diagnostics: Diagnostic[] = [];
  const open: string[] = [];

  const visit = (path: string, bytes: Uint8Array): void => {
    open.push(path);
    const parsed = cache?.parsed(path, bytes) ?? parseFile(path, bytes);
    diagnostics.push(...parsed.diagnostics);
    const uses: { node: StringNode; path: string }[] = [];
    for (const statement of parsed.node.statements) {
      if (statement.kind !== 'Use' || statement.path.kind !== 'String') continue;
      const target = host.resolve(path, statement.path.value);
      if (open.includes(target)) {
        const circle = [...open.slice(open.indexOf(target)), target].map((each) => `\`${each}\``).join(' uses ');
        diagnostics.push(report('UNET2011', { circle }, statement.path.span));
        continue;
      }
      if (!files.has(target)) {
        const content = host.readFile(target);
        if (content === undefined) {
          const extras = suggestedFile(statement.path, host.namesBeside?.(target) ?? [], libraryFiles(host));
          diagnostics.push(
            report('UNET2010', { path: statement.path.value, resolved: target }, statement.path.span, extras),
          );
          continue;
        }
        visit(target, content);
      }
      uses.push({ node: statement.path, path: target });
    }
    open.pop();
    const file = { path, node: parsed.node, uses };
    files.set(path, cache?.loaded(file) ?? file);
  };

  const bytes = host.readFile(root);
  if (bytes !== undefined) visit(root, bytes);
  return { files, diagnostics };
}

const extension = /\.unet$/;

/**
 * The specs in a folder with names similar to that of a missing file, as the `use` would write them; else those of the
 * library.
 */
function suggestedFile(
  { value, span }: StringNode,
  names: readonly string[],
  library: readonly ListedFile[],
): { readonly help?: string; readonly fixes?: readonly Fix[] } {
  const folder = value.slice(0, value.lastIndexOf('/') + 1);
  const beside = similarFiles(
    value,
    names.map((name) => folder + name),
  );
  const near =
    beside.length > 0
      ? beside
      : similarFiles(
          value,
          library.map(({ use }) => use),
        );
  const help = didYouMeanAny(near.map((path) => `"${path}"`));
  return help === undefined ? {} : { help, fixes: near.map((path) => replacement(span, `"${path}"`)) };
}

/** The paths whose file name equals or resembles that of `wanted`, with or without its extension. */
function similarFiles(wanted: string, paths: readonly string[]): readonly string[] {
  const stemOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(extension, '');
  const specs = paths.filter((path) => extension.test(path) && path !== wanted && !/["\\]/.test(path));
  const stem = stemOf(wanted);
  const same = specs.filter((path) => stemOf(path) === stem);
  const near = suggest(stem, specs.map(stemOf));
  return same.length > 0 ? same : near.flatMap((each) => specs.filter((path) => stemOf(path) === each));
}
