import { dirname, resolve } from 'node:path';
import { caseIdOf, type DataNames } from './dataset.js';
import type { Dataset } from './types.js';

/**
 * A single image as a data set of one unlabelled case.
 * @param files one of all channels, or one per channel in their order
 * @param data names of the channels, in file order, and of the label values, as recorded by a run
 * @param id defaults to the name of the file
 */
export function imageDataset(
  files: readonly string[],
  { name, channels, labels }: DataNames & { readonly name: string },
  id: string = caseIdOf(files[0]!),
): Dataset {
  const images = files.map((file) => resolve(file));
  return {
    dir: dirname(images[0]!),
    layout: 'images',
    alsoMatches: [],
    assumptions: [],
    descriptions: [],
    name,
    modalities: channels,
    labels,
    regions: [],
    cases: [],
    unlabelled: [{ id, images, columns: {} }],
    columns: [],
  };
}
