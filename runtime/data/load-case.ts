import type { ModelDescription } from '../description.js';
import type { Normalization } from '../protocol.js';
import { openPrepared } from './cache.js';
import { caseIdOf, findCase } from './dataset.js';
import { decodeCase, decodeImage } from './decode.js';
import { imageInputs } from './match.js';
import { findName, listNames } from './names.js';
import { type Box, boxVolume, readImageBox, readLabelBox } from './patch.js';
import { faultAt } from './place.js';
import type { Dataset, FloatTensor, LabelTensor, LoadedCase, Matching } from './types.js';
import { type VoxelSource, memorySource } from './voxel-source.js';

function whole(source: VoxelSource): Box {
  return { origin: [0, 0, 0], size: source.geometry.shape };
}

async function readInputs(
  source: VoxelSource,
  images: Matching['images'],
  normalization: Normalization,
): Promise<Record<string, FloatTensor>> {
  const box = whole(source);
  const inputs: Record<string, FloatTensor> = {};
  for (const { input, channels } of images) {
    const data = new Float32Array(channels.length * boxVolume(box));
    await readImageBox(source, box, channels, normalization, data);
    inputs[input] = { data, shape: [channels.length, ...box.size] };
  }
  return inputs;
}

async function readTarget(source: VoxelSource, targets: Uint8Array): Promise<LabelTensor> {
  const box = whole(source);
  const data = new Uint8Array(boxVolume(box));
  await readLabelBox(source, box, targets, data);
  return { data, shape: box.size };
}

/**
 * A whole case for inference and evaluation, normalised as in training.
 * @param cacheDirectory where given, the case goes through the folder of prepared cases; else its files are decoded
 * @throws UserError UNET6018 (no such case) or, with case and file, for faulty data (see `decodeCase`)
 */
export async function loadCase(
  dataset: Dataset,
  id: string,
  matching: Matching,
  normalization: Normalization,
  cacheDirectory?: string,
): Promise<LoadedCase> {
  const each = findCase(dataset, id);
  const source =
    cacheDirectory === undefined
      ? memorySource(await decodeCase(dataset, each))
      : await openPrepared(cacheDirectory, dataset, each);
  const inputs = await readInputs(source, matching.images, normalization);
  const label = each.label === undefined ? {} : { label: await readTarget(source, matching.targets) };
  return { id, inputs, ...label, geometry: source.geometry };
}

/** For each image input, where its channels are in a file whose channels have these names. */
function channelsIn(path: string, description: ModelDescription, names: readonly string[]): Matching['images'] {
  return imageInputs(description).map(({ name, channels }) => {
    const indices = channels.map((channel) => findName(channel, names));
    const missing = channels.filter((_, k) => indices[k] === -1);
    if (missing.length === 0) return { input: name, channels: indices };
    const fault = `has no modality ${listNames(missing)}, which input \`${name}\` needs`;
    throw faultAt({ file: path }, 'UNET6010', fault, `Its channels are taken to be ${listNames(names)}.`);
  });
}

/**
 * A lone image file for inference.
 * @param modalities names of the file's channels in order, as a run recorded them of its data set; default: the
 *   network's own channels, input by input
 * @throws UserError with the file: UNET6003 to 6008, UNET6010, UNET6013
 */
export async function loadImageFile(
  path: string,
  description: ModelDescription,
  normalization: Normalization,
  modalities: readonly string[] = [...new Set(imageInputs(description).flatMap(({ channels }) => channels))],
): Promise<LoadedCase> {
  const source = memorySource({ ...(await decodeImage({ file: path }, modalities)), labelCounts: [] });
  const inputs = await readInputs(source, channelsIn(path, description, modalities), normalization);
  return { id: caseIdOf(path), inputs, geometry: source.geometry };
}
