import { identifyCases } from '../data/identify.js';
import { matchInputs } from '../data/match.js';
import type { Dataset, Identification, Matching } from '../data/types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Run } from './run-folder.js';

/** How a data set serves the network of a run. */
export interface RunMatch {
  readonly matching: Matching;
  readonly identification: Identification;
}

/**
 * Finds a run's inputs and labels in a data set, which need not be the one it was trained on. Values of identifiers keep
 * the numbers that the run recorded; one that the run was made without stays without.
 * @throws UserError UNET6010, UNET6011, UNET6022 (modalities and classes), UNET6016 (identifiers)
 */
export function matchRun(
  { info, protocol }: Pick<Run, 'info' | 'protocol'>,
  description: ModelDescription,
  dataset: Dataset,
): RunMatch {
  const known = Object.fromEntries(Object.entries(info.identifiers).map(([input, { names }]) => [input, names]));
  return {
    matching: matchInputs(dataset, description),
    identification: identifyCases(dataset, description, protocol.identify, known),
  };
}
