import * as tf from '@tensorflow/tfjs';
import type { ModelDescription } from '../../contract/model-description.js';
import * as runtime from '../index.js';

/** The exports of a generated module. */
export interface ModelModule {
  readonly description: ModelDescription;
  readonly build: (options?: { readonly seed?: number }) => tf.LayersModel;
}

/** Packages that generated code imports, as loaded in this process. */
const packages = { '@tensorflow/tfjs': tf, 'unet-lang/runtime': runtime } satisfies Record<string, object>;
type PackageName = keyof typeof packages;

const shared = Symbol.for('unet-lang.packages');

/** The source of a module that exports the same objects as the loaded package. */
function standIn(specifier: string, exported: object): string {
  const names = Object.keys(exported).filter((name) => name !== 'default' && /^[A-Za-z_$][\w$]*$/.test(name));
  // The indirection through `e0` allows export names that are reserved words in JavaScript.
  const lines = names.map(
    (name, index) => `const e${index} = exported[${JSON.stringify(name)}]; export { e${index} as ${name} };`,
  );
  const source = `const exported = globalThis[Symbol.for('unet-lang.packages')][${JSON.stringify(specifier)}];`;
  return asUrl([source, ...lines].join('\n'));
}

function asUrl(source: string): string {
  return `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
}

function isModule(value: object): value is ModelModule {
  return 'description' in value && 'build' in value && typeof value.build === 'function';
}

/**
 * Imports JavaScript that this process has just generated from a checked spec; never pass it the content of a file. The
 * code has no location on disk from which to resolve its bare imports, so they are replaced by modules that export the
 * packages of this process. (Rewriting them to file URLs would load a second copy of the runtime when it runs from
 * TypeScript sources, with layers and layout of its own.)
 */
export async function importModule(source: string): Promise<ModelModule> {
  (globalThis as Record<symbol, unknown>)[shared] = packages;
  // Only at the beginning of a line; a class may have the name `from 'unet-lang/runtime'`, which must not be
  // replaced.
  const rewritten = source.replace(
    /^(import\b[^'"`;]*)(["'])(@tensorflow\/tfjs|unet-lang\/runtime)\2/gm,
    (_, statement: string, quote: string, specifier: PackageName) =>
      `${statement}${quote}${standIn(specifier, packages[specifier])}${quote}`,
  );
  const loaded = (await import(/* @vite-ignore */ asUrl(rewritten))) as object;
  if (!isModule(loaded)) throw new Error('the generated module does not export `description` and `build`');
  return loaded;
}
