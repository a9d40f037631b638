import { bundle } from '../compiler/program/bundle.js';
import { emitJavaScript } from '../compiler/emit/tfjs/emit-javascript.js';
import { emitTfjs } from '../compiler/emit/tfjs/emit-tfjs.js';
import type { CompiledSpec } from './spec.js';

/** The texts a run folder keeps of its network. */
export interface RunTexts {
  readonly spec: string;
  readonly moduleTs: string;
  readonly moduleJs: string;
}

/** The resolved spec and the generated code of a compiled model. */
export function compileRun(compiled: CompiledSpec): RunTexts {
  const moduleTs = emitTfjs(compiled.network);
  return {
    spec: bundle(compiled.program, compiled.declaration, compiled.settings),
    moduleTs,
    moduleJs: emitJavaScript(compiled.network),
  };
}
