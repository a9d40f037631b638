import { readdirSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '../compiler/program/host.js';
import { fileLimit } from '../grammar/read.js';
import { readStartSync } from '../runtime/files/read-file.js';
import { packageRoot } from './package-root.js';

/** `use "unet:lib/dalight.unet"` refers to the library in the package, wherever it is installed. */
const librarySchema = 'unet:';

/** Access to local files. Paths inside the working directory are relative to it. */
export const diskHost: Host = hostOfDisk(onePath);

/** The same with absolute paths. */
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
 * Returns the bytes of a regular file; undefined if it cannot be read. For a file that is too large for a spec, just enough to show that
 * it is.
 */
export function readSpec(path: string): Uint8Array | undefined {
  try {
    return readStartSync(path, fileLimit * 2 ** 20 + 1);
  } catch {
    return undefined;
  }
}

/** The first path used for each file, by its real path. */
const firstPaths = new Map<string, string>();

/** Returns the first path used for a file, so that a file has one path regardless of links. */
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

/** Returns `path` relative to the working directory if it is inside, otherwise absolute. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short === '' || short.startsWith('..') ? resolve(path) : short;
}
