/**
 * Builds the npm package: `npm run pack` writes `unet-lang-VERSION.tgz`, which holds onnxruntime for every platform;
 * `npm run pack -- linux-x64` writes `unet-lang-VERSION-linux-x64.tgz`, which installs on this platform alone.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './build-stamp.mjs';

/** Files that npm packs without being asked. */
const always = ['README.md', 'LICENSE'];
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const [platform] = process.argv.slice(2);
const binaries = join(root, 'dist/onnxruntime');

const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
const platforms = readdirSync(binaries, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? each.name : [],
);
if (platform !== undefined && !platforms.includes(platform)) {
  process.stderr.write(`Unknown platform \`${platform}\`. The platforms are ${platforms.join(', ')}.\n`);
  process.exit(2);
}

/** Entries of package.json that only a clone needs. */
const clones = ['scripts', 'devDependencies', 'allowScripts', 'overrides'];

function manifest() {
  const content = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entry of clones) delete content[entry];
  if (platform === undefined) return content;
  const [os, cpu] = platform.split('-');
  return { ...content, os: [os], cpu: [cpu] };
}

/** Whether a file of the clone belongs in the package for the platform. */
function isPacked(file) {
  const [, of] = /dist[\\/]onnxruntime[\\/]([^\\/]+-[^\\/]+)/.exec(file) ?? [];
  return of === undefined || platform === undefined || of === platform;
}

const staged = mkdtempSync(join(tmpdir(), 'unet-pack-'));
try {
  const content = manifest();
  for (const name of [...content.files, ...always]) {
    if (!name.startsWith('!')) cpSync(join(root, name), join(staged, name), { recursive: true, filter: isPacked });
  }
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(content, undefined, 2)}\n`);
  const shell = process.platform === 'win32';
  const options = { cwd: staged, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], shell };
  const packed = JSON.parse(execFileSync(npm, ['pack', '.', '--json', '--ignore-scripts'], options));
  const [{ filename, size, unpackedSize, entryCount }] = Array.isArray(packed) ? packed : Object.values(packed);
  const file = platform === undefined ? filename : filename.replace(/\.tgz$/, `-${platform}.tgz`);
  copyFileSync(join(staged, filename), join(root, file));
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  process.stderr.write(`${megabytes(size)}, unpacked ${megabytes(unpackedSize)}, ${entryCount} files\n`);
  process.stdout.write(`${file}\n`);
} finally {
  rmSync(staged, { recursive: true, force: true });
}
