import { existsSync, readFileSync } from 'node:fs';

/** The folder of this package, from source as from `dist`: the nearest above that has a package.json. */
export const packageRoot: URL = findRoot(new URL('.', import.meta.url));

function findRoot(from: URL): URL {
  if (existsSync(new URL('package.json', from))) return from;
  const parent = new URL('..', from);
  if (parent.href === from.href) throw new Error('this installation has no package.json');
  return findRoot(parent);
}

/** This package's version. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', packageRoot), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
