/**
 * Compiles the sources to `dist`: what `npm ci` runs, so that `npx unet` works right after it. The new build is made
 * beside the old one and takes its place whole.
 */
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const made = path(`dist.${process.pid}.tmp`);
const tsc = path('node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json', '--outDir', made], {
  cwd: path(''),
  stdio: 'inherit',
});
if (status !== 0) {
  rmSync(made, { recursive: true, force: true });
  process.exit(status ?? 1);
}
chmodSync(`${made}/cli/main.js`, 0o755);
rmSync(path('dist'), { recursive: true, force: true });
renameSync(made, path('dist'));
