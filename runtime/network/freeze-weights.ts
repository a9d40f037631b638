import { freezeProblem } from '../../contract/freeze-problem.js';
import { matchesAny } from '../../contract/matches-any.js';
import type { Protocol } from '../../contract/protocol.js';
import { UserError } from '../errors/user-error.js';
import { holdStatistic } from '../ops/running.js';
import type { TrainableNetwork } from './trainable-network.js';

/**
 * Rejects a protocol that freezes weights which a network does not have, or all that it could train.
 * @throws UserError UNET6096
 */
export function requireFittingFreeze(
  { name, freeze }: Pick<Protocol, 'name' | 'freeze'>,
  model: string,
  weights: readonly { readonly id: string; readonly trainable: boolean }[],
): void {
  if (freeze.length === 0) return;
  const problem = freezeProblem(
    freeze,
    weights.map(({ id, trainable }) => ({ id, trained: trainable })),
  );
  if (problem === undefined) return;
  throw new UserError('UNET6096', `\`freeze\` of \`${name}\` does not fit \`${model}\`. ${problem.text}`, problem.help);
}

/**
 * Returns the network with the weights that a protocol freezes as weights that are not trainable: a training step neither
 * updates nor decays them. Their running statistics are held, so that their batch norms use them in training.
 */
export function freezeWeights(network: TrainableNetwork, { freeze }: Pick<Protocol, 'freeze'>): TrainableNetwork {
  if (freeze.length === 0) return network;
  const weights = network.weights.map((weight) => {
    if (!matchesAny(freeze, weight.id)) return weight;
    if (weight.statistic === true) holdStatistic(weight.variable);
    return { ...weight, trainable: false };
  });
  return { ...network, weights };
}
