import { lossProblem } from '../../contract/loss-problem.js';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Protocol } from '../../contract/protocol.js';
import { UserError } from '../errors/user-error.js';

/**
 * Rejects a protocol whose loss cannot be computed for a network.
 * @throws UserError UNET6093
 */
export function requireFittingLoss(protocol: Protocol, { name, outputs }: ModelDescription): void {
  const described = outputs.map((output) => ({ ...output, labels: output.labels.map((label) => label.name) }));
  const problem = lossProblem(protocol, described);
  if (problem === undefined) return;
  throw new UserError(
    'UNET6093',
    `The loss of \`${protocol.name}\` does not fit \`${name}\`. ${problem.text}`,
    problem.help,
  );
}
