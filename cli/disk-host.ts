import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '../compiler/program/host.js';
import { packageRoot } from './package-root.js';

/** `use "unet:lib/dalight.unet"` means the library that comes with the package, wherever it is installed. */
const librarySchema = 'unet:';

/** Files of this machine. Paths are given and reported relative to the working directory where they lie below it. */
export const diskHost: Host = hostOfDisk(shortPath);

/** The same with whole paths, for a program that is asked about files wherever they lie. */
export const wholePathHost: Host = hostOfDisk((path) => path);

function hostOfDisk(named: (path: string) => string): Host {
  return {
    readFile: (path) => {
      try {
        return readFileSync(path);
      } catch {
        return undefined;
      }
    },
    resolve: (from, to) => {
      if (to.startsWith(librarySchema)) {
        return named(resolve(fileURLToPath(packageRoot), 'specs', to.slice(librarySchema.length)));
      }
      return named(resolve(dirname(from), to));
    },
  };
}

/** `path` relative to the working directory where it lies below it, else absolute. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short === '' || short.startsWith('..') ? resolve(path) : short;
}
