import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot, readManifest } from '../package-root.js';

/** The reason why an engine cannot run whose optional npm packages are missing: names the command that installs them. */
export function notInstalled(...packages: readonly string[]): string {
  return `not installed; run \`${installCommand(packages)}\``;
}

/**
 * The command that installs optional packages where this installation finds them, in the supported versions.
 * @param root the folder of this package
 */
export function installCommand(packages: readonly string[], root = fileURLToPath(packageRoot)): string {
  const { peerDependencies } = readManifest();
  // `4.22` rather than `^4.22.0`: shells treat `^` in different ways.
  const versions = packages.map((name) => `${name}@${/\d+\.\d+/.exec(peerDependencies[name] ?? '')?.[0] ?? 'latest'}`);
  return ['npm install', ...flagsFor(root), ...versions].join(' ');
}

/** Installed as a dependency: none. Installed globally: `-g`. In a clone nothing is saved, and scripts are off by default. */
function flagsFor(root: string): readonly string[] {
  const folder = dirname(root);
  if (basename(folder) !== 'node_modules') return ['--no-save', '--ignore-scripts=false'];
  return existsSync(join(dirname(folder), 'package.json')) ? [] : ['-g'];
}
