import { graphText } from '../compiler/ir/graph-text.js';
import { emitTfjs } from '../compiler/emit/tfjs/emit-tfjs.js';
import { bundle } from '../compiler/program/bundle.js';
import { textDigest } from '../runtime/data/file-digest.js';
import type { CompiledSpec } from './spec.js';

/** The files about the network in a run folder, other than weights. */
export interface CompiledRun {
  /** SHA-256 of the network's graph. */
  readonly graph: string;
  readonly texts: { readonly spec: string; readonly moduleTs: string };
}

/** Compiles a model for a run folder: its resolved spec and the generated code. Loads the TypeScript compiler. */
export function compileRun({ program, declaration, settings, network }: CompiledSpec): CompiledRun {
  return {
    graph: textDigest(graphText(network)),
    texts: { spec: bundle(program, declaration, settings), moduleTs: emitTfjs(network) },
  };
}
