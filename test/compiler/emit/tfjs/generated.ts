import type * as tf from '@tensorflow/tfjs';
import { ts } from 'ts-morph';
import { emitJavaScript } from '../../../../compiler/emit/tfjs/emit-javascript.js';
import type { Network } from '../../../../compiler/ir/ir.js';
import * as runtime from '../../../../runtime/index.js';

export interface Generated {
  readonly description: runtime.ModelDescription;
  readonly build: (options?: runtime.BuildOptions) => tf.LayersModel;
}

/** Runs a network's JavaScript module with this process' runtime, or with what stands for it. */
export function generate(network: Network, unet: object = runtime): Generated {
  const script = ts.transpileModule(emitJavaScript(network), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  }).outputText;
  const imports: Record<string, unknown> = { 'unet-lang/runtime': unet };
  const generated = {} as Generated;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the generated module is what is tested
  const module = new Function('require', 'exports', script) as (
    require: (name: string) => unknown,
    exports: object,
  ) => void;
  module((name) => imports[name], generated);
  return generated;
}
