import { assignWeights, readCheckpoint, usedWeights } from '../training/checkpoint.js';
import { trainableNetwork, type TrainableNetwork } from '../network/trainable-network.js';
import type { ModelModule } from './load-module.js';
import { selectedCheckpoint, type Run } from './run-folder.js';

/** Builds a run's network with its initial weights, on the current engine. */
export function buildNetwork({ info }: Run, { build, description }: ModelModule): TrainableNetwork {
  return trainableNetwork(build({ seed: info.seed }), description);
}

/**
 * Builds a run's network with trained (or imported) weights, on the current engine.
 * @param module generated from the run's sealed spec
 * @param checkpoint defaults to the one that the protocol selects
 * @throws UserError UNET6064 (no checkpoint yet), UNET6059 (it is corrupted), UNET6063 (it belongs to another network)
 */
export async function openNetwork(
  run: Run,
  module: ModelModule,
  checkpoint = selectedCheckpoint(run),
): Promise<TrainableNetwork> {
  const weights = usedWeights(await readCheckpoint(checkpoint));
  const network = buildNetwork(run, module);
  assignWeights(network, weights, checkpoint);
  return network;
}
