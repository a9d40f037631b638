import type { FileBinding } from '../bind/bind.js';
import type { LoadedFile } from '../bind/loaded-file.js';
import { parseFile, type ParsedFile } from './parse-file.js';

/** What is kept of one path: the last of each. */
interface Known {
  bytes: Uint8Array;
  parsed: ParsedFile;
  loaded: LoadedFile | undefined;
  bound: { readonly used: readonly (FileBinding | undefined)[]; readonly binding: FileBinding } | undefined;
}

/**
 * What an editor keeps between two looks at the same files: a file that has not changed keeps its tree, and where the
 * files it uses have not changed either, its binding. So one file is one tree, and its symbols are the same objects, in
 * every program that uses it.
 */
export class FileCache {
  private readonly files = new Map<string, Known>();

  /** The tree of these bytes, the one known where they are the bytes of before. */
  parsed(path: string, bytes: Uint8Array): ParsedFile {
    const known = this.files.get(path);
    if (known !== undefined && sameBytes(known.bytes, bytes)) {
      known.bytes = bytes;
      return known.parsed;
    }
    const parsed = parseFile(path, bytes);
    this.files.set(path, { bytes, parsed, loaded: undefined, bound: undefined });
    return parsed;
  }

  /** The same file as before where tree and uses are the same, else this one. */
  loaded(file: LoadedFile): LoadedFile {
    const known = this.files.get(file.path);
    if (known === undefined || known.parsed.node !== file.node) return file;
    const before = known.loaded;
    if (before !== undefined && sameUses(before, file)) return before;
    known.loaded = file;
    known.bound = undefined;
    return file;
  }

  /** The binding of a loaded file, the one known where the bindings of the files it uses are those of before. */
  bound(file: LoadedFile, used: readonly (FileBinding | undefined)[], bind: () => FileBinding): FileBinding {
    const known = this.files.get(file.path);
    if (known?.loaded !== file) return bind();
    const before = known.bound;
    if (before !== undefined && sameItems(before.used, used)) return before.binding;
    const binding = bind();
    known.bound = { used, binding };
    return binding;
  }

  /** The same knowledge, to go another way from here. */
  fork(): FileCache {
    const other = new FileCache();
    for (const [path, known] of this.files) other.files.set(path, { ...known });
    return other;
  }

  /** Forgets a file, such as one that is gone. */
  forget(path: string): void {
    this.files.delete(path);
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}

function sameUses(a: LoadedFile, b: LoadedFile): boolean {
  return (
    a.node === b.node &&
    a.uses.length === b.uses.length &&
    a.uses.every((use, index) => use.path === b.uses[index]?.path && use.node === b.uses[index]?.node)
  );
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
