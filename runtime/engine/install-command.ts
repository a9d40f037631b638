import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../files/package-root.js';

/**
 * Supported versions. They are not optional peer dependencies, because npm refuses to install those of a clone by name.
 */
const tfjsVersion = '4.22';
const webgpuVersion = '0.6';

/** The reason why an engine cannot run whose optional npm packages are missing: names the command that installs them. */
export function notInstalled(...packages: readonly string[]): string {
  return `not installed; run \`${installCommand(packages)}\``;
}

/**
 * The command that installs optional packages where this installation finds them, in the supported versions.
 * @param root the folder of this package
 */
export function installCommand(packages: readonly string[], root = fileURLToPath(packageRoot)): string {
  const versions = packages.map((name) => `${name}@${name === 'webgpu' ? webgpuVersion : tfjsVersion}`);
  return ['npm install', ...flagsFor(root), ...versions].join(' ');
}

/**
 * Installed as a dependency: none. Installed globally: `-g`. In a clone nothing is saved, and install scripts are off
 * by default.
 */
function flagsFor(root: string): readonly string[] {
  const folder = dirname(root);
  if (basename(folder) !== 'node_modules') return ['--no-save', '--ignore-scripts=false'];
  return existsSync(join(dirname(folder), 'package.json')) ? [] : ['-g'];
}
