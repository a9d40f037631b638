import { dirname, resolve } from 'node:path';
import { caseIdOf } from './dataset.js';
import type { TrainingData } from './training-data.js';
import type { Dataset } from './types.js';

/**
 * A single image as a data set of one unlabelled case, named after the file.
 * @param data names of the file's channels, in file order, and of the label values, as recorded by a run
 */
export function imageDataset(
  file: string,
  { name, channels, labels }: Pick<TrainingData, 'name' | 'channels' | 'labels'>,
): Dataset {
  const image = resolve(file);
  return {
    dir: dirname(image),
    layout: 'images',
    alsoMatches: [],
    assumptions: [],
    descriptions: [],
    name,
    modalities: channels,
    labels,
    regions: [],
    cases: [],
    unlabelled: [{ id: caseIdOf(image), images: [image], columns: {} }],
    columns: [],
  };
}
