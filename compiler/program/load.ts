import type { StringNode } from '../../grammar/ast.js';
import type { Diagnostic, Fix } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { didYouMeanAny, replacement, suggest } from '../../grammar/diagnostics/suggest.js';
import type { LoadedFile } from '../bind/loaded-file.js';
import type { FileCache } from './file-cache.js';
import type { Host } from './host.js';
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
          const extras = suggestedFile(statement.path, host.namesBeside?.(target) ?? []);
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

/** The specs in a folder with names similar to that of a missing file, as the `use` would write them. */
function suggestedFile(
  { value, span }: StringNode,
  names: readonly string[],
): { readonly help?: string; readonly fixes?: readonly Fix[] } {
  const [folder, name] = [value.slice(0, value.lastIndexOf('/') + 1), value.slice(value.lastIndexOf('/') + 1)];
  const stems = names.filter((each) => extension.test(each)).map((each) => each.replace(extension, ''));
  const stem = name.replace(extension, '');
  const near = stem === name && stems.includes(stem) ? [stem] : suggest(stem, stems);
  const paths = near.map((each) => `${folder}${each}.unet`).filter((path) => !/["\\]/.test(path));
  const help = didYouMeanAny(paths.map((path) => `"${path}"`));
  return help === undefined ? {} : { help, fixes: paths.map((path) => replacement(span, `"${path}"`)) };
}
