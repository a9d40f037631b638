import { existsSync } from 'node:fs';
import type { Host } from '../compiler/program/host.js';
import { diskHost, readSpec, shortPath } from './disk-host.js';
import { revisionHost } from './revision-host.js';
import { readPlace, type Place } from './spec.js';

/** Where `diff` and `diagram` find one of their models. */
export interface Operand extends Place {
  readonly host: Host;
}

/**
 * `FILE`, `FILE#Model`, and `REVISION:FILE` for a file and all it uses as they were in a commit.
 * @param at where the file is to be taken to lie, for what it uses: git hands its tools copies that lie elsewhere
 */
export function readOperand(text: string, at?: string): Operand {
  const { path: place, model } = readPlace(text);
  const colon = existsSync(place) ? -1 : place.indexOf(':');
  // A single letter before a colon is a drive of Windows.
  if (colon > 1) {
    const [revision, path] = [place.slice(0, colon), place.slice(colon + 1)];
    return { path, model, host: revisionHost(revision) };
  }
  return at === undefined ? { path: place, model, host: diskHost } : { path: at, model, host: copyHost(place, at) };
}

/** The disk, with the text of `copy` in place of the file at `at`. */
function copyHost(copy: string, at: string): Host {
  const place = shortPath(at);
  return {
    ...diskHost,
    readFile: (path) => (path === place ? readSpec(copy) : diskHost.readFile(path)),
  };
}
