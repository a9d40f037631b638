import type { Engine } from '../runtime/engine/engine.js';
import { selectEngine } from '../runtime/engine/engines.js';
import * as runtime from '../runtime/index.js';
import { loadModule, type ModelModule } from '../runtime/run/load-module.js';
import { openRun, selectedCheckpoint, type Run } from '../runtime/run/run-folder.js';
import { assignWeights, readCheckpoint } from '../runtime/training/checkpoint.js';
import type { TrainableNetwork } from '../runtime/training/network.js';

/** Builds the network of a module with weights that start from `seed`; the engine must have been selected. */
export function buildNetwork(module: ModelModule, seed: number): TrainableNetwork {
  const model = module.build({ seed });
  const variables = runtime.variablesOf(model);
  const weights = module.description.weights.map(({ id }) => {
    const variable = variables.get(id);
    if (variable === undefined) throw new Error(`the model lacks the weight ${id}`);
    return { id, variable };
  });
  return { model, description: module.description, weights, setRandomness: runtime.setRandomness };
}

/** A run opened with the weights its protocol selects. */
export interface OpenedRun {
  readonly run: Run;
  readonly engine: Engine;
  readonly network: TrainableNetwork;
}

/** Opens a run for prediction: its files verified, its network built on an engine, its selected checkpoint read. */
export async function openTrainedRun(directory: string, engineName: string): Promise<OpenedRun> {
  const run = await openRun(directory);
  const checkpoint = await readCheckpoint(selectedCheckpoint(run));
  const engine = await selectEngine(engineName);
  const network = buildNetwork(await loadModule(run), run.info.seed);
  assignWeights(network, checkpoint.weights, checkpoint.file);
  return { run, engine, network };
}
