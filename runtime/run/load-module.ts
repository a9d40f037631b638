import * as tf from '@tensorflow/tfjs';
import type { ModelDescription } from '../../contract/model-description.js';
import * as runtime from '../index.js';

/** What a generated module exports. */
export interface ModelModule {
  readonly description: ModelDescription;
  readonly build: (options?: { readonly seed?: number }) => tf.LayersModel;
}

/** Packages that generated code imports, as this process has them loaded. */
const packages = { '@tensorflow/tfjs': tf, 'unet-lang/runtime': runtime } satisfies Record<string, object>;
type PackageName = keyof typeof packages;

const shared = Symbol.for('unet-lang.packages');

/** A module of its own that exports what the loaded package exports: the very same objects. */
function standIn(specifier: string, exported: object): string {
  const names = Object.keys(exported).filter((name) => name !== 'default' && /^[A-Za-z_$][\w$]*$/.test(name));
  // The detour over `e0` allows for names that are words of JavaScript.
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
 * Imports JavaScript that this process has just generated from a checked spec; never pass it a file's content. The text
 * has no place on disk to resolve its bare imports from, so they are replaced by modules that export the packages of
 * this process. (Rewriting them to file URLs would load a second copy of the runtime when it runs from TypeScript
 * sources, with layers and layout of its own.)
 */
export async function importModule(source: string): Promise<ModelModule> {
  (globalThis as Record<symbol, unknown>)[shared] = packages;
  // Statements begin lines; a class may be called `from 'unet-lang/runtime'`, and its text stays as it is.
  const rewritten = source.replace(
    /^(import\b[^'"`;]*)(["'])(@tensorflow\/tfjs|unet-lang\/runtime)\2/gm,
    (_, statement: string, quote: string, specifier: PackageName) =>
      `${statement}${quote}${standIn(specifier, packages[specifier])}${quote}`,
  );
  const loaded = (await import(/* @vite-ignore */ asUrl(rewritten))) as object;
  if (!isModule(loaded)) throw new Error('the generated module does not export `description` and `build`');
  return loaded;
}
