import { existsSync } from 'node:fs';

/** The folder of this package, whether it runs from its sources or from `dist`: the nearest one with a package.json. */
export const packageRoot: URL = findRoot(new URL('.', import.meta.url));

function findRoot(from: URL): URL {
  if (existsSync(new URL('package.json', from))) return from;
  const parent = new URL('..', from);
  if (parent.href === from.href) throw new Error('This installation has no package.json');
  return findRoot(parent);
}
