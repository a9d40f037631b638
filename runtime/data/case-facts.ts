import type { VoxelFacts } from './voxel-facts.js';
import { UserError } from '../errors/user-error.js';
import { recallPrepared } from './cache.js';
import { findCase } from './dataset.js';
import { imageDigest, labelPlace, readCaseHeader } from './case-files.js';
import { fileDigest, readDigest } from './file-digest.js';
import { readNiftiHeader } from './nifti.js';
import type { Place } from './place.js';
import type { Dataset, Geometry, HeaderWarning } from './types.js';

/** Facts about a case that are known without decoding it. */
export interface CaseFacts extends Pick<Geometry, 'spacing' | 'orientation'> {
  readonly id: string;
  /** SHA-256 of the image (`imageDigest`). */
  readonly image: string;
  /** The label file and its SHA-256; absent for an unlabelled case. */
  readonly label?: { readonly file: string; readonly sha256: string };
  /** Assumptions about the headers of its files. */
  readonly headers: { readonly image: readonly HeaderWarning[]; readonly label: readonly HeaderWarning[] };
  /** Absent until the case has been decoded once. */
  readonly voxels?: VoxelFacts;
}

/** The digest of a file, even if it cannot be remembered: a read-only folder must not prevent scoring. */
async function digestOf(cacheDirectory: string, place: Place): Promise<string> {
  try {
    return await fileDigest(cacheDirectory, place);
  } catch (error) {
    if (error instanceof UserError && error.code === 'UNET6020') return readDigest(place.file);
    throw error;
  }
}

async function factsOf(dataset: Dataset, id: string, cacheDirectory: string): Promise<CaseFacts> {
  const each = findCase(dataset, id);
  const label = labelPlace(each);
  const { geometry, warnings } = await readCaseHeader(dataset, each);
  const labelHeader = label && (await readNiftiHeader(label));
  const image = await imageDigest(cacheDirectory, each, digestOf);
  const sha256 = label && (await digestOf(cacheDirectory, label));
  const voxels = await recallPrepared(cacheDirectory, dataset, { image, ...(sha256 && { label: sha256 }) });
  return {
    id,
    image,
    ...(label && sha256 && { label: { file: label.file, sha256 } }),
    spacing: geometry.spacing,
    orientation: geometry.orientation,
    headers: { image: warnings, label: labelHeader?.warnings ?? [] },
    ...(voxels && { voxels: { statistics: voxels.statistics, labelCounts: voxels.labelCounts } }),
  };
}

/**
 * Reads facts about some cases from headers, digests and the folder of prepared cases; nothing is decoded.
 * @param cacheDirectory folder of prepared cases, where digests are remembered
 * @throws UserError UNET6018 (unknown case), UNET6003 to 6007 (a file that cannot be read)
 */
export async function readCaseFacts(
  dataset: Dataset,
  ids: readonly string[],
  cacheDirectory: string,
  onProgress: (done: number, of: number, id: string) => void = () => undefined,
): Promise<CaseFacts[]> {
  const facts: CaseFacts[] = [];
  for (const [index, id] of ids.entries()) {
    facts.push(await factsOf(dataset, id, cacheDirectory));
    onProgress(index + 1, ids.length, id);
  }
  return facts;
}
