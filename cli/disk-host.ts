import { readdirSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '../compiler/program/host.js';
import { fileLimit } from '../grammar/read.js';
import { readStartSync } from '../runtime/files/read-file.js';
import { packageRoot } from './package-root.js';

/** `use "unet:lib/dalight.unet"` means the library that comes with the package, wherever it is installed. */
const librarySchema = 'unet:';

/** Files of this machine. Paths are given and reported relative to the working directory where they lie below it. */
export const diskHost: Host = hostOfDisk(onePath);

/** The same with whole paths, for a program that is asked about files wherever they lie. */
export const wholePathHost: Host = hostOfDisk((path) => path);

function hostOfDisk(named: (path: string) => string): Host {
  return {
    readFile: readSpec,
    resolve: (from, to) => {
      if (to.startsWith(librarySchema)) {
        return named(resolve(fileURLToPath(packageRoot), 'specs', to.slice(librarySchema.length)));
      }
      return named(resolve(dirname(from), to));
    },
    namesBeside: (path) => {
      try {
        return readdirSync(dirname(resolve(path)));
      } catch {
        return [];
      }
    },
  };
}

/**
 * The bytes of a regular file; undefined if it cannot be read. Of one that is too large for a spec, as many as show that
 * it is.
 */
export function readSpec(path: string): Uint8Array | undefined {
  try {
    return readStartSync(path, fileLimit * 2 ** 20 + 1);
  } catch {
    return undefined;
  }
}

/** The path by which each file was first met, by its path without links. */
const firstPaths = new Map<string, string>();

/** A file has one path, whatever links lead to it: the one that was met first. */
export function onePath(path: string): string {
  const real = realPath(path);
  const known = firstPaths.get(real);
  if (known !== undefined) return known;
  const short = shortPath(path);
  firstPaths.set(real, short);
  return short;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** `path` relative to the working directory where it lies below it, else absolute. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short === '' || short.startsWith('..') ? resolve(path) : short;
}
