/**
 * Compiles the sources to `dist`: what `npm ci` runs, so that `npx unet` works right after it. The new build is made
 * beside the old one and takes its place whole.
 */
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { bundleFront } from './bundle-front.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const made = path(`dist.${process.pid}.tmp`);

/** Runs a script of Node; where it fails, so does the build, which leaves nothing. */
function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: path(''), stdio: 'inherit' });
  if (status === 0) return;
  rmSync(made, { recursive: true, force: true });
  process.exit(status ?? 1);
}

run(path('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json', '--outDir', made);
await bundleFront(made);
chmodSync(`${made}/cli/main.cjs`, 0o755);
rmSync(path('dist'), { recursive: true, force: true });
renameSync(made, path('dist'));
// The compiled code is of this Node and of this place: V8 takes it for no other.
run(path('scripts/compile-front.mjs'));
