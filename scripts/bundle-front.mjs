import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

/**
 * What is imported when it is needed is in the bundle where it is a fast command or part of the language server, and else
 * left out.
 */
const onlyCommands = (commands, built) => ({
  name: 'only-commands',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, importer }) => {
      const isKept = commands.includes(basename(path, '.js')) || importer.startsWith(join(built, 'editor'));
      return kind === 'dynamic-import' && !isKept ? { external: true, path } : undefined;
    });
  },
});

/** commander would load this to start other programs, which no command of ours is. */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, () => ({ path: 'child_process', namespace: 'lazy' }));
    onLoad({ filter: /./, namespace: 'lazy' }, () => ({
      contents: "module.exports = { get spawn() { return require('child_process').spawn; } };",
    }));
  },
};

/**
 * Makes one file of the command line's front end, for `cli/bundle.cts` to run: the body of a function.
 * @param built the folder of the compiled sources
 * @throws Error where it would hold a package that is slow to load
 */
export async function bundleFront(built) {
  const { metafile } = await build({
    // Paths of modules are part of the bundle: relative to the build, they are the same wherever it lies.
    absWorkingDir: built,
    preserveSymlinks: true,
    // Else esbuild looks for a tsconfig.json in the folders above.
    tsconfigRaw: '{}',
    entryPoints: [join(built, 'cli/front.js')],
    outfile: join(built, 'cli/front.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    charset: 'ascii',
    minifySyntax: true,
    minifyWhitespace: true,
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    // A script of V8's that has been compiled before cannot import modules, but require them.
    supported: { 'dynamic-import': false },
    external: ['elkjs'],
    plugins: [
      onlyCommands(createRequire(import.meta.url)(join(built, 'cli/fast-commands.cjs')), built),
      lazyChildProcess,
    ],
    metafile: true,
    logLevel: 'warning',
  });
  const heavy = Object.keys(metafile.inputs).filter((file) =>
    /node_modules\/(@tensorflow|ts-morph|elkjs|zod)\//.test(file),
  );
  if (heavy.length > 0) throw new Error(`the front end's bundle must do without ${heavy[0]}`);
}
