import type { ModelDescription } from '../../contract/model-description.js';
import { didYouMean, listNames } from '../data/names.js';
import { UserError } from '../errors/user-error.js';

/**
 * Returns the positions of the axes to mirror among the network's spatial axes, each once.
 * @throws UserError UNET6089 for an axis that the network does not have
 */
export function mirroredAxes(description: ModelDescription, names: readonly string[]): readonly number[] {
  const image = description.inputs.find(({ kind }) => kind === 'image');
  const known = image?.kind === 'image' ? image.axes.map(({ name }) => name) : [];
  const missing = names.find((name) => !known.includes(name));
  if (missing !== undefined)
    throw new UserError(
      'UNET6089',
      `Predictions cannot be mirrored along \`${missing}\`: the network has no such axis.`,
      didYouMean(missing, known, `Its axes are ${listNames(known)}.`),
    );
  return [...new Set(names.map((name) => known.indexOf(name)))];
}
