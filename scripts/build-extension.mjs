/** Bundles the VS Code extension into `editor/vscode/dist/extension.cjs`; `vscode` itself the editor gives. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (name) => fileURLToPath(new URL(`../editor/vscode/${name}`, import.meta.url));

/** What esbuild is asked for; a test builds the same without writing it. */
export const options = {
  entryPoints: [path('src/extension.ts')],
  outfile: path('dist/extension.cjs'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  legalComments: 'none',
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await build(options);
