import { UserError } from '../errors/user-error.js';
import { openLayout } from './layouts/detect.js';
import { stemOf } from './layouts/listing.js';
import { didYouMean, listNames } from './names.js';
import type { DataCase, DataLabel, Dataset } from './types.js';

/** The id of a case: the file name of its image without `.nii.gz` or `.nii`. */
export function caseIdOf(path: string): string {
  return stemOf(path);
}

function throwProblem(problem: UserError): never {
  throw problem;
}

/** Channels in file order and label values, for images that no file describes. */
export interface DataNames {
  readonly channels: readonly string[];
  readonly labels: readonly DataLabel[];
}

/**
 * Detects the layout of a data set and reads its list of cases and what is known of them. Image files are not opened: a
 * missing one is reported when its case is read.
 * @param path the data set's folder, or a CSV of paths
 * @param onProblem receives entries that had to be omitted (paths outside the folder, duplicate ids, missing contrasts);
 * throws by default
 * @param names used for a folder of images without a description, which is an error by default, and for unlabelled cases
 * without class names
 * @throws UserError UNET6001 (not a data set), UNET6002 (`dataset.json`), UNET6004 (path), UNET6015 (`cases.csv`),
 * UNET6021, UNET6186 (missing channel), UNET6187 (unnamed labels)
 */
export async function openDataset(
  path: string,
  onProblem: (problem: UserError) => void = throwProblem,
  names?: DataNames,
): Promise<Dataset> {
  const dataset = await openLayout(path, onProblem);
  if (dataset.layout === 'images') return nameChannels(dataset, names, onProblem);
  return dataset.labels.length > 0 || names === undefined ? dataset : { ...dataset, labels: names.labels };
}

/** Gives a folder of images the names of its channels. */
function nameChannels(
  dataset: Dataset,
  names: DataNames | undefined,
  onProblem: (problem: UserError) => void,
): Dataset {
  if (names === undefined) {
    throw new UserError(
      'UNET6001',
      `\`${dataset.dir}\` contains images, but nothing states their channels and labels.`,
      'Only `unet predict` can use such a folder. Give a data set with `dataset.json`, BraTS folders or a CSV of paths.',
    );
  }
  const { channels, labels } = names;
  const complete = ({ id, images }: DataCase): boolean => {
    if (images.length === 1 || images.length === channels.length) return true;
    const message = `\`${dataset.dir}\`: case \`${id}\` has ${images.length} image files, but the network was trained on ${channels.length} channels (${listNames(channels)}).`;
    onProblem(new UserError('UNET6186', message, 'Give each case one file per channel, numbered from `_0000`.'));
    return false;
  };
  return { ...dataset, modalities: channels, labels, unlabelled: dataset.unlabelled.filter(complete) };
}

/**
 * Finds a case by its id, labelled or not.
 * @throws UserError UNET6018 with similar ids
 */
export function findCase(dataset: Dataset, id: string): DataCase {
  const all = [...dataset.cases, ...dataset.unlabelled];
  const found = all.find((each) => each.id === id);
  if (found !== undefined) return found;
  const ids = all.map((each) => each.id);
  const some = ids.length > 8 ? `${listNames(ids.slice(0, 8))} and ${ids.length - 8} more` : listNames(ids);
  throw new UserError(
    'UNET6018',
    `Data set \`${dataset.dir}\` has no case \`${id}\`.`,
    didYouMean(id, ids, ids.length === 0 ? 'It has no cases.' : `Its cases are ${some}.`),
  );
}
