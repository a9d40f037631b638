import type { Preparation } from '../data/preparation-types.js';
import { identifyCases } from '../data/identify.js';
import { matchInputs } from '../data/match.js';
import { preparationOf } from '../data/preparation.js';
import type { Dataset, Identification, Matching } from '../data/types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { mirroredAxes } from './mirrored-axes.js';
import type { Run } from './run-folder.js';

/** The mapping of a run's network to a data set. */
export interface RunMatch {
  readonly matching: Matching;
  readonly identification: Identification;
  /** With what was measured in the run's training cases. */
  readonly preparation: Preparation;
}

/**
 * Matches a run's inputs and labels to a data set, which may differ from the one it was trained on. Values of
 * identifiers keep the numbers that the run recorded; an identifier without a source in the run has none here.
 * @throws UserError UNET6010, UNET6011, UNET6022 (modalities and classes), UNET6016 (identifiers), UNET6089 (mirrored axes),
 * UNET6132, UNET6133 (normalisation)
 */
export function matchRun(
  { info, protocol }: Pick<Run, 'info' | 'protocol'>,
  description: ModelDescription,
  dataset: Dataset,
): RunMatch {
  // Found before the first step, not at the first validation.
  mirroredAxes(description, protocol.validate.mirror?.axes ?? []);
  const known = Object.fromEntries(Object.entries(info.identifiers).map(([input, { names }]) => [input, names]));
  const matching = matchInputs(dataset, description);
  return {
    matching,
    preparation: preparationOf(protocol, description, matching, dataset, info.data?.measured),
    identification: identifyCases(dataset, description, protocol.identify, known),
  };
}
