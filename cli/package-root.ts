import { readManifest } from '../runtime/package-root.js';

export { packageRoot } from '../runtime/package-root.js';

/** This package's version. */
export function packageVersion(): string {
  return readManifest().version;
}
