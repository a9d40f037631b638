import { identifyCases } from '../data/identify.js';
import { matchInputs } from '../data/match.js';
import type { Dataset, Identification, Matching } from '../data/types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { mirroredAxes } from './mirrored-axes.js';
import type { Run } from './run-folder.js';

/** The mapping of a run's network to a data set. */
export interface RunMatch {
  readonly matching: Matching;
  readonly identification: Identification;
}

/**
 * Matches a run's inputs and labels to a data set, which may differ from the one it was trained on. Values of
 * identifiers keep the numbers that the run recorded; an identifier without a source in the run has none here.
 * @throws UserError UNET6010, UNET6011, UNET6022 (modalities and classes), UNET6016 (identifiers), UNET6089 (mirrored axes)
 */
export function matchRun(
  { info, protocol }: Pick<Run, 'info' | 'protocol'>,
  description: ModelDescription,
  dataset: Dataset,
): RunMatch {
  // Found before the first step, not at the first validation.
  mirroredAxes(description, protocol.validate.mirror?.axes ?? []);
  const known = Object.fromEntries(Object.entries(info.identifiers).map(([input, { names }]) => [input, names]));
  return {
    matching: matchInputs(dataset, description),
    identification: identifyCases(dataset, description, protocol.identify, known),
  };
}
