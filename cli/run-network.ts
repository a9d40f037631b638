import { emitJavaScript } from '../compiler/emit/tfjs/emit-javascript.js';
import { graphText } from '../compiler/ir/graph-text.js';
import type { Network } from '../compiler/ir/ir.js';
import { bindModel, lower, openProgram, ownModels, type Program } from '../compiler/program/program.js';
import { textDigest } from '../runtime/data/file-digest.js';
import { UserError } from '../runtime/errors/user-error.js';
import { importModule, type ModelModule } from '../runtime/run/load-module.js';
import type { Run } from '../runtime/run/run-folder.js';
import { packageVersion } from './package-root.js';

/** Opens a resolved spec, which is a single file without imports. */
function programOf(spec: string): Program {
  const bytes = Buffer.from(spec);
  const host = {
    readFile: (path: string) => (path === 'spec.unet' ? bytes : undefined),
    resolve: (_: string, to: string) => to,
  };
  const program = openProgram(host, 'spec.unet');
  if (program === undefined) throw new Error('The resolved spec cannot be opened');
  return program;
}

/**
 * Compiles the models of a resolved spec one at a time, the most likely one first: later models are variants of earlier ones.
 * @param name of the model that was trained
 */
export function* networksOf(spec: string, name: string): Generator<Network> {
  const program = programOf(spec);
  const models = [...ownModels(program)].reverse();
  const sorted = [...models].sort((a, b) => Number(b.name.name === name) - Number(a.name.name === name));
  for (const declaration of sorted) {
    const model = bindModel(program, declaration, []);
    const network = model === undefined ? undefined : lower(program, model).network;
    if (network !== undefined) yield network;
  }
}

/** A network as recorded by a run or a row of a study. */
export interface SealedNetwork {
  /** The resolved spec. */
  readonly spec: string;
  readonly model: string;
  /** SHA-256 of its graph. */
  readonly graph: string;
  /** Its folder, for messages. */
  readonly directory: string;
  /** The version of unet-lang that wrote it. */
  readonly version: string;
}

/**
 * Compiles the spec in a run or study folder again.
 * @throws UserError UNET6071 if this version compiles it to a different network from the one that was trained
 */
export function networkOf({ spec, model, graph, directory, version }: SealedNetwork): Network {
  for (const network of networksOf(spec, model)) {
    if (textDigest(graphText(network)) === graph) return { ...network, name: model };
  }
  const own = packageVersion();
  throw new UserError(
    'UNET6071',
    `\`${directory}\` was written by version ${version} of unet-lang. This version (${own}) compiles its spec to a different network from the one that was trained.`,
    version === own
      ? 'Restore the folder: its `spec.unet` does not match its recorded graph.'
      : `Use version ${version}.`,
  );
}

/** `networkOf` for a run folder. */
export function networkOfRun({ info, files, directory }: Run): Network {
  const { model, graph, versions } = info;
  return networkOf({ spec: files['spec.unet'], model, graph, directory, version: versions['unet-lang'] });
}

/** Generates the code of a network and imports it. Code in files is never executed. */
export function moduleOf(network: Network): Promise<ModelModule> {
  return importModule(emitJavaScript(network));
}
