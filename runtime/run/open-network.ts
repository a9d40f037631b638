import { assignWeights, readCheckpoint } from '../training/checkpoint.js';
import { trainableNetwork, type TrainableNetwork } from '../network/trainable-network.js';
import type { ModelModule } from './load-module.js';
import { selectedCheckpoint, type Run } from './run-folder.js';

/** Builds a run's network with the weights that its seed gives, on the engine in use. */
export function buildNetwork({ info }: Run, { build, description }: ModelModule): TrainableNetwork {
  return trainableNetwork(build({ seed: info.seed }), description);
}

/**
 * Builds a run's network with trained (or imported) weights, on the engine in use.
 * @param module generated from the run's sealed spec
 * @param checkpoint defaults to the one that the protocol's `select` chooses
 * @throws UserError UNET6064 (no checkpoint yet), UNET6059 (it is corrupted), UNET6063 (it is of another network)
 */
export async function openNetwork(
  run: Run,
  module: ModelModule,
  checkpoint = selectedCheckpoint(run),
): Promise<TrainableNetwork> {
  const { weights } = await readCheckpoint(checkpoint);
  const network = buildNetwork(run, module);
  assignWeights(network, weights, checkpoint);
  return network;
}
