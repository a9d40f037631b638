import type { Statement } from '../../grammar/ast.js';
import type { Importable } from '../bind/importable.js';
import type { LoadedFile } from '../bind/loaded-file.js';
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
export function importableInto(host: Host, { path: from, uses }: LoadedFile): readonly Importable[] {
  const read = indexReader(host);
  const reaches = pathsTo(from, read);
  const used = new Set(uses.map(({ path }) => path));
  const listed = [...libraryFiles(host), ...neighbours(host, from)];
  const found: Importable[] = [];
  for (const { path, use } of listed) {
    if (path === from || used.has(path)) continue;
    used.add(path);
    if (reaches(path)) continue;
    for (const declaration of read(path)?.declarations ?? []) {
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

type IndexReader = (path: string) => IndexedFile | undefined;

/** Returns the indices of files as they are now, each of which is read once. */
function indexReader(host: Host): IndexReader {
  const found = new Map<string, IndexedFile | undefined>();
  return (path) => {
    if (!found.has(path)) found.set(path, indexOf(host, path));
    return found.get(path);
  };
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

/** Returns a test of whether a file imports `wanted`, directly or indirectly. */
function pathsTo(wanted: string, read: IndexReader): (path: string) => boolean {
  const known = new Map<string, boolean>();
  const reaches = (path: string): boolean => {
    const before = known.get(path);
    if (before !== undefined) return before;
    // A file that is met again on the way adds no path.
    known.set(path, false);
    const found = (read(path)?.uses ?? []).some((each) => each === wanted || reaches(each));
    known.set(path, found);
    return found;
  };
  return reaches;
}
