import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { someNames, warning, type Caution } from '../data/cautions/caution.js';
import { labelPlace } from '../data/case-files.js';
import { checkLabelValues, countValues, roundLabels } from '../data/decode.js';
import { isImageName, stemOf } from '../data/layouts/listing.js';
import { readNifti, type NiftiImage } from '../data/nifti.js';
import { cannotRead, errorAt, type Place } from '../data/place.js';
import { placementOf } from '../data/placement.js';
import type { DataCase, Dataset, LabelTensor } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import { evaluateCase, type CaseEvaluation } from './evaluate.js';
import type { LabelScheme } from './label-map.js';

/** The masks to score, by case id, and what may mislead about them. */
export interface Masks {
  readonly masks: ReadonlyMap<string, string>;
  readonly cautions: readonly Caution[];
}

async function filesById(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw cannotRead({ file: folder }, error);
  });
  const files = new Map<string, string>();
  for (const name of names.filter(isImageName).sort()) {
    const twin = files.get(stemOf(name));
    if (twin !== undefined) {
      const message = `\`${folder}\` contains two masks of case \`${stemOf(name)}\`: \`${twin}\` and \`${join(folder, name)}\`.`;
      throw new UserError('UNET6021', message, 'Remove one of them.');
    }
    files.set(stemOf(name), join(folder, name));
  }
  return files;
}

/**
 * Matches the masks of a folder (`CASE.nii.gz`) with the labelled cases of a data set.
 * @param named ids to score; empty: all labelled cases that have a mask
 * @throws UserError UNET6084 (a named case without label), UNET6190 (no mask, or none of a named case)
 */
export async function readMasks(folder: string, dataset: Dataset, named: readonly string[]): Promise<Masks> {
  const files = await filesById(folder);
  const labelled = dataset.cases.map(({ id }) => id);
  const bare = named.find((id) => !labelled.includes(id));
  if (bare !== undefined) {
    const message = `Case \`${bare}\` of \`${dataset.dir}\` has no label to score against.`;
    throw new UserError('UNET6084', message, 'Choose labelled cases.');
  }
  const wanted = named.length > 0 ? named : labelled;
  const missing = wanted.filter((id) => !files.has(id));
  const help = 'Masks are matched by name: `CASE.nii.gz` or `CASE.nii`.';
  if (missing.length > 0 && (named.length > 0 || missing.length === wanted.length)) {
    throw new UserError('UNET6190', `\`${folder}\` contains no mask of ${someNames(missing)}.`, help);
  }
  const cautions: Caution[] = [];
  if (missing.length > 0) {
    const message = `\`${folder}\` contains no mask of ${missing.length} of ${wanted.length} labelled cases, which are not scored: ${someNames(missing)}.`;
    cautions.push(warning('UNET6190', message, help, missing));
  }
  const strange = [...files.keys()].filter((id) => !labelled.includes(id));
  if (strange.length > 0 && named.length === 0) {
    const message = `\`${folder}\` contains masks that no labelled case of the data set belongs to: ${someNames(strange)}.`;
    cautions.push(warning('UNET6190', message, help, strange));
  }
  const masks = wanted.filter((id) => files.has(id)).map((id): [string, string] => [id, files.get(id)!]);
  return { masks: new Map(masks), cautions };
}

/** The classes of a data set, or its regions. The first class is the background. */
function schemeOf({ labels, regions }: Dataset): LabelScheme {
  if (regions.length > 0) return { kind: 'regions', labels: regions.map((region) => ({ ...region })) };
  return { kind: 'classes', labels: labels.map(({ name, value }) => ({ name, values: [value] })) };
}

function labelsOf(place: Place, { header, data }: NiftiImage, dataset: Dataset): LabelTensor {
  if (header.channels !== 1) {
    const fault = `has ${header.channels} channels, but a mask must have one`;
    throw errorAt(place, 'UNET6082', fault, 'Save the mask as a 3-D volume of label values.');
  }
  const whole = roundLabels(data);
  checkLabelValues(place, countValues(whole), dataset.labels, dataset.ignore);
  return { data: Uint8Array.from(whole), shape: header.geometry.shape };
}

/**
 * Scores a mask against the label of its case.
 * @throws UserError UNET6082 (another grid), UNET6012 (values that are not labels of the data set), and those of
 * `readNifti`
 */
export async function scoreMask(dataset: Dataset, each: DataCase, file: string): Promise<CaseEvaluation> {
  const [maskPlace, truthPlace] = [{ file, caseId: each.id }, labelPlace(each)!];
  const [mask, truth] = [await readNifti(maskPlace), await readNifti(truthPlace)];
  if (placementOf(mask.header.geometry, truth.header.geometry) !== 'same') {
    const [own, other] = [mask.header.geometry, truth.header.geometry].map(
      ({ shape, orientation }) => `${shape.join(' x ')} voxels (D x H x W), axes ${orientation}`,
    );
    const fault = `is not on the grid of the label \`${truthPlace.file}\`: it has ${own}, the label ${other}`;
    throw errorAt(
      maskPlace,
      'UNET6082',
      fault,
      'Resample the mask onto the grid of the label, with the nearest neighbour.',
    );
  }
  return evaluateCase({
    case: each.id,
    prediction: labelsOf(maskPlace, mask, dataset),
    truth: labelsOf(truthPlace, truth, dataset),
    spacing: truth.header.geometry.spacing,
    output: schemeOf(dataset),
  });
}
