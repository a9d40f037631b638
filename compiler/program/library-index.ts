import type { Statement } from '../../grammar/ast.js';
import type { Importable } from '../bind/importable.js';
import { sameBytes } from './file-cache.js';
import type { Host } from './host.js';
import { parseFile } from './parse-file.js';

/** The largest number of files next to a spec that are searched, and the largest size in bytes of each. */
const neighbourLimit = 32;
const sizeLimit = 256 * 1024;

/** What a file declares and imports. */
interface IndexedFile {
  readonly bytes: Uint8Array;
  readonly declarations: readonly Exclude<Statement, { kind: 'Use' }>[];
  readonly uses: readonly string[];
}

/** The latest index of each file, by host: the library is parsed once. */
const indices = new WeakMap<Host, Map<string, IndexedFile>>();

/**
 * The statements that a file does not see but could import: those of the shipped library, then those of the files next
 * to it, except files that it imports already and files that import it. Hosts that cannot list files have none.
 */
export function importableInto(host: Host, from: string): readonly Importable[] {
  const own = indexOf(host, from);
  const used = new Set(own?.uses ?? []);
  const listed = [...libraryFiles(host), ...neighbours(host, from)];
  const found: Importable[] = [];
  for (const { path, use } of listed) {
    if (path === from || used.has(path)) continue;
    used.add(path);
    if (reaches(host, path, from)) continue;
    for (const declaration of indexOf(host, path)?.declarations ?? []) {
      found.push({ name: declaration.name.name, declaration, use });
    }
  }
  return found;
}

/** A file and how `use` writes its path. */
export interface ListedFile {
  readonly path: string;
  readonly use: string;
}

/** The files of the shipped library. */
export function libraryFiles(host: Host): readonly ListedFile[] {
  const folder = 'unet:lib/';
  const names = host.namesBeside?.(host.resolve('', `${folder}unet.unet`)) ?? [];
  return specsAmong(names).map((name) => ({ path: host.resolve('', folder + name), use: folder + name }));
}

function neighbours(host: Host, from: string): readonly ListedFile[] {
  const names = specsAmong(host.namesBeside?.(from) ?? []).slice(0, neighbourLimit);
  return names.map((name) => ({ path: host.resolve(from, name), use: name }));
}

function specsAmong(names: readonly string[]): readonly string[] {
  return names.filter((name) => /^[^"\\]+\.unet$/.test(name)).sort();
}

function indexOf(host: Host, path: string): IndexedFile | undefined {
  const bytes = host.readFile(path);
  if (bytes === undefined || bytes.length > sizeLimit) return undefined;
  const index = indices.get(host) ?? new Map<string, IndexedFile>();
  indices.set(host, index);
  const known = index.get(path);
  if (known !== undefined && sameBytes(known.bytes, bytes)) return known;
  const { statements } = parseFile(path, bytes).node;
  const file: IndexedFile = {
    bytes,
    declarations: statements.flatMap((each) => (each.kind === 'Use' ? [] : [each])),
    uses: statements.flatMap((each) =>
      each.kind === 'Use' && each.path.kind === 'String' ? [host.resolve(path, each.path.value)] : [],
    ),
  };
  index.set(path, file);
  return file;
}

/** Whether a file imports another one, directly or indirectly. */
function reaches(host: Host, path: string, wanted: string, passed = new Set<string>()): boolean {
  if (passed.has(path)) return false;
  passed.add(path);
  const uses = indexOf(host, path)?.uses ?? [];
  return uses.some((each) => each === wanted || reaches(host, each, wanted, passed));
}
