import type { LossTerm } from '../../contract/protocol.js';
import { crossEntropy } from './cross-entropy.js';
import { dice } from './dice.js';
import { focal } from './focal.js';
import { generalizedDice } from './generalized-dice.js';
import type { Loss } from './loss.js';
import { tversky } from './tversky.js';

/** The loss for each word of the protocol entry `loss`. */
export const lossTable: { readonly [Kind in LossTerm['kind']]: Loss<Extract<LossTerm, { readonly kind: Kind }>> } = {
  dice,
  cross_entropy: crossEntropy,
  focal,
  generalized_dice: generalizedDice,
  tversky,
};
