/**
 * Builds the playground: static files for any web server, with relative paths only.
 *
 *     npm run build:playground [-- DIRECTORY]      by default `editor/playground/dist`
 *     npm run playground                           builds, and serves it on this machine
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import * as token from '../grammar/tokens.js';
import { choices, declaring, functions, groups, members, sourceOf, types } from './highlighting.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'editor/playground/page');

/** Every spec of the package by its path below `specs/`. */
function shippedSpecs(): Readonly<Record<string, string>> {
  const folder = join(root, 'specs');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.unet') && path !== 'engine-check.unet')
    .sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

const groupTitles = new Map([
  ['', 'Networks'],
  ['studies', 'Studies'],
  ['ablations', 'Ablations of DALight-3D'],
  ['zoo', 'Zoo: published networks'],
  ['lib', 'Library'],
]);

/** The examples by group, DALight-3D first. */
function examplesOf(specs: Readonly<Record<string, string>>): object[] {
  const first = 'dalight3d.unet';
  const paths = [first, ...Object.keys(specs).filter((path) => path !== first)];
  return [...groupTitles].map(([folder, group]) => {
    const within = paths.filter((path) => path.replace(/\/?[^/]*$/, '') === folder);
    return { group, specs: within.map((path) => ({ path, title: path.replace(/^.*\//, '').replace(/\.unet$/, '') })) };
  });
}

function wordsByStyle(): object {
  const inGroup = (...names: string[]): string[] =>
    [...groups].filter(([, name]) => names.includes(name)).map(([each]) => sourceOf(each));
  return {
    declarations: [
      ...inGroup('keyword.declaration'),
      ...[...declaring, ...members, token.Use, token.Encoder, token.Decoder, token.Init].map(sourceOf),
    ],
    control: inGroup('keyword.control'),
    operators: inGroup('keyword.operator.word'),
    constants: inGroup('constant.language'),
    types,
    functions,
    choices,
  };
}

/** Modules of Node that parts of ts-morph and elkjs name but do not need in a browser. */
const nodeStubs: Plugin = {
  name: 'node-stubs',
  setup(building) {
    building.onResolve(
      {
        filter:
          /^(?:node:)?(?:fs|fs\/promises|os|path|url|util|module|perf_hooks|inspector|worker_threads|child_process|crypto|process)$|^web-worker$/,
      },
      ({ path }) => ({
        path,
        namespace: 'stub',
      }),
    );
    building.onLoad({ filter: /./, namespace: 'stub' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** The data that is part of the page, as modules. */
function dataModules(): Readonly<Record<string, string>> {
  const specs = shippedSpecs();
  const part = (wanted: boolean): object =>
    Object.fromEntries(Object.entries(specs).filter(([path]) => path.startsWith('zoo/') === wanted));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const declare = (name: string, value: unknown): string => `export const ${name} = ${JSON.stringify(value)};\n`;
  return {
    'specs.js': declare('specs', part(false)) + declare('version', version),
    'zoo.js': declare('specs', part(true)),
    'examples.js': declare('examples', examplesOf(specs)),
    'words.js': declare('words', wordsByStyle()),
  };
}

/** Builds into a folder, which is replaced. */
export async function buildPlayground(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const modules = dataModules();
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(directory, name), text);
  for (const name of ['index.html', 'style.css']) copyFileSync(join(page, name), join(directory, name));
  const data: Plugin = {
    name: 'data',
    setup(building) {
      building.onResolve({ filter: /\/(?:specs|zoo|examples|words)\.js$/ }, ({ path, resolveDir }) =>
        join(resolveDir, path, '..') === page ? { path: `./${basename(path)}`, external: true } : undefined,
      );
    },
  };
  const shared: BuildOptions = {
    absWorkingDir: root,
    bundle: true,
    outdir: directory,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    splitting: true,
    minify: true,
    legalComments: 'linked',
    chunkNames: '[name]-[hash]',
    conditions: ['browser'],
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [data, nodeStubs],
    logLevel: 'warning',
  };
  await build({
    ...shared,
    entryPoints: [join(page, 'main.ts'), join(root, 'editor/playground/worker.ts')],
    entryNames: '[name]',
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const directory = resolve(process.argv[2] ?? join(root, 'editor/playground/dist'));
  await buildPlayground(directory);
  process.stdout.write(`${directory}\n`);
}
