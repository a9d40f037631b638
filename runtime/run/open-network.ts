import { assignWeights, readCheckpoint } from '../training/checkpoint.js';
import { trainableNetwork, type TrainableNetwork } from '../training/network.js';
import { loadModule } from './load-module.js';
import { selectedCheckpoint, type Run } from './run-folder.js';

/** The network of a run with the weights that its seed gives, on the engine in use. */
export async function buildNetwork(run: Run): Promise<TrainableNetwork> {
  const { build, description } = await loadModule(run);
  return trainableNetwork(build({ seed: run.info.seed }), description);
}

/**
 * The network of a run with trained (or imported) weights, on the engine in use.
 * @param checkpoint default: the one the protocol's `select` chooses
 * @throws UserError UNET6064 (no checkpoint yet), UNET6059 (it is corrupted), UNET6063 (it is of another network)
 */
export async function openNetwork(run: Run, checkpoint = selectedCheckpoint(run)): Promise<TrainableNetwork> {
  const { weights } = await readCheckpoint(checkpoint);
  const network = await buildNetwork(run);
  assignWeights(network, weights, checkpoint);
  return network;
}
