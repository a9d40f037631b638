/**
 * Builds the sources into `dist`, unless they have not changed since the last build. A build replaces the previous one
 * only when it is complete, and processes that want to build at the same time take turns.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOfSources, isBuilt, root, stampFile } from './build-stamp.mjs';

const path = (name) => join(root, name);
const built = path('dist.new');
const previous = path('dist.old');
const compiler = path('node_modules/typescript/bin/tsc');

/** Removes what a build that was killed has left. */
function cleanUp() {
  for (const folder of [built, previous]) rmSync(folder, { recursive: true, force: true });
}

async function compile() {
  const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.json', '--outDir', built], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

async function build(hash) {
  const { bundleFront } = await import('./bundle-front.mjs');
  const { copyOnnxruntime } = await import('./copy-onnxruntime.mjs');
  if (!(await compile())) return false;
  await bundleFront(built);
  copyOnnxruntime(built);
  writeFileSync(join(built, stampFile), hash);
  if (existsSync(path('dist'))) renameSync(path('dist'), previous);
  renameSync(built, path('dist'));
  return true;
}

/** Builds if needed, while no other process does. @returns whether `dist` is up to date */
async function buildInTurn() {
  const { lock } = (await import('proper-lockfile')).default;
  const release = await lock(root, {
    stale: 20_000,
    lockfilePath: path('dist.lock'),
    retries: { forever: true, minTimeout: 200, maxTimeout: 1000 },
  });
  try {
    const hash = hashOfSources();
    if (isBuilt(hash)) return true;
    process.stderr.write('Building unet. This takes up to a minute, and only after its sources have changed.\n');
    cleanUp();
    return await build(hash);
  } finally {
    cleanUp();
    await release();
  }
}

if (isBuilt()) {
  // Nothing has changed.
} else if (!existsSync(compiler)) {
  process.stderr.write(`Cannot build unet: its development dependencies are missing. Run \`npm ci\` in ${root}.\n`);
  process.exitCode = 1;
} else if (!(await buildInTurn())) {
  process.exitCode = 1;
}
