import { existsSync } from 'node:fs';
import type { Host } from '../compiler/program/host.js';
import { diskHost, readSpec, shortPath } from './disk-host.js';
import { revisionHost } from './revision-host.js';
import { readPlace, type Place } from './spec.js';

/** The location of a model for `diff` and `diagram`. */
export interface Operand extends Place {
  readonly host: Host;
}

/**
 * Parses `FILE`, `FILE#Model`, or `REVISION:FILE` for a file and its imports from a commit.
 * @param at the path from which imports are resolved, because git passes its tools copies in another folder
 */
export function readOperand(text: string, at?: string): Operand {
  const { path: place, model } = readPlace(text);
  const colon = existsSync(place) ? -1 : place.indexOf(':');
  // A single letter before a colon is a Windows drive.
  if (colon > 1) {
    const [revision, path] = [place.slice(0, colon), place.slice(colon + 1)];
    return { path, model, host: revisionHost(revision) };
  }
  return at === undefined ? { path: place, model, host: diskHost } : { path: at, model, host: copyHost(place, at) };
}

/** A host that reads `copy` instead of the file at `at`. */
function copyHost(copy: string, at: string): Host {
  const place = shortPath(at);
  return {
    ...diskHost,
    readFile: (path) => (path === place ? readSpec(copy) : diskHost.readFile(path)),
  };
}
