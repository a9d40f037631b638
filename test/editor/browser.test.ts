import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { root } from './client.js';

it('needs nothing of Node but the transport and the list of files, so that it can be bundled for a browser', async () => {
  const { metafile } = await build({
    entryPoints: [join(root, 'editor/serve.ts')],
    bundle: true,
    write: false,
    outdir: 'browser',
    metafile: true,
    platform: 'browser',
    format: 'esm',
    // Loaded on demand.
    external: ['elkjs'],
    logLevel: 'silent',
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map((each) => each.path));
  expect([...new Set(outside)].sort()).toEqual(['elkjs']);
});
