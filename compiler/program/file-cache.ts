import type { FileBinding } from '../bind/bind.js';
import type { LoadedFile } from '../bind/loaded-file.js';
import { parseFile, type ParsedFile } from './parse-file.js';

/** The latest entry for one path. */
interface Known {
  bytes: Uint8Array;
  parsed: ParsedFile;
  loaded: LoadedFile | undefined;
  bound: { readonly used: readonly (FileBinding | undefined)[]; readonly binding: FileBinding } | undefined;
}

/**
 * The cache of an editor across checks of the same files: an unchanged file keeps its tree, and its binding if its
 * imports have not changed either. One file therefore has one tree, and the same symbol objects, in every program that
 * uses it.
 */
export class FileCache {
  private readonly files = new Map<string, Known>();

  /** Returns the tree for these bytes; the cached one if the bytes are unchanged. */
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

  /** Returns the cached file if its tree and imports are unchanged, else this one. */
  loaded(file: LoadedFile): LoadedFile {
    const known = this.files.get(file.path);
    if (known === undefined || known.parsed.node !== file.node) return file;
    const before = known.loaded;
    if (before !== undefined && sameUses(before, file)) return before;
    known.loaded = file;
    known.bound = undefined;
    return file;
  }

  /** Returns the binding of a loaded file; the cached one if the bindings of its imports are unchanged. */
  bound(file: LoadedFile, used: readonly (FileBinding | undefined)[], bind: () => FileBinding): FileBinding {
    const known = this.files.get(file.path);
    if (known?.loaded !== file) return bind();
    const before = known.bound;
    if (before !== undefined && sameItems(before.used, used)) return before.binding;
    const binding = bind();
    known.bound = { used, binding };
    return binding;
  }

  /** Returns an independent copy. */
  fork(): FileCache {
    const other = new FileCache();
    for (const [path, known] of this.files) other.files.set(path, { ...known });
    return other;
  }

  /** Removes a file, for example a deleted one. */
  forget(path: string): void {
    this.files.delete(path);
  }
}

/** Whether two files have the same contents. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
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
