import { fewBatchValues, fewValuesHelp, fewValuesParts } from '../compiler/ir/batch-statistics.js';
import type { Network } from '../compiler/ir/ir.js';
import type { Protocol } from '../contract/protocol.js';
import { styleDiagnostics } from '../grammar/diagnostics/style.js';
import { warning, type Caution } from '../runtime/data/cautions/caution.js';
import { UserError } from '../runtime/errors/user-error.js';

/**
 * Warns if the statistics of a batch norm are computed from few values (UNET4007).
 * @throws UserError UNET6079 if they are computed from a single one
 */
export function batchNormCautions(network: Network, { patch, batch }: Protocol): Caution[] {
  const few = fewBatchValues(network, patch.size, batch);
  if (few === undefined) return [];
  const message = styleDiagnostics.UNET4007.message(fewValuesParts(network.name, few, batch));
  if (few.values === 1) throw new UserError('UNET6079', message, fewValuesHelp);
  return [warning('UNET4007', message, fewValuesHelp)];
}
