import { spawnSync } from 'node:child_process';
import { relative, resolve } from 'node:path';
import type { Host } from '../compiler/program/host.js';
import { diskHost } from './disk-host.js';
import { UsageError } from './exit.js';

/**
 * Access to the files of a git commit. Files outside the repository, and files that are not in the commit but come
 * with the package, are read from the disk.
 */
export function revisionHost(revision: string): Host {
  const top = git(['rev-parse', '--show-toplevel']);
  if (top === undefined)
    throw new UsageError(`\`${revision}:\` refers to a git commit, but this folder is not in a git repository.`);
  const commit = git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
  if (commit === undefined) throw new UsageError(`Unknown git commit \`${revision}\`.`);
  const folder = top.toString().trim();
  const library = new Set<string>();
  return {
    resolve: (from, to) => {
      const path = diskHost.resolve(from, to);
      if (to.startsWith('unet:')) library.add(path);
      return path;
    },
    readFile: (path) => {
      const place = relative(folder, resolve(path));
      if (place.startsWith('..')) return diskHost.readFile(path);
      const text = git(['cat-file', 'blob', `${commit.toString().trim()}:${place.replaceAll('\\', '/')}`]);
      return text ?? (library.has(path) ? diskHost.readFile(path) : undefined);
    },
  };
}

/** Returns the output of git; undefined if it fails or is not installed. */
function git(args: readonly string[]): Buffer | undefined {
  const { status, stdout } = spawnSync('git', args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 });
  return status === 0 ? stdout : undefined;
}
