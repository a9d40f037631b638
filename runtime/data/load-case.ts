import type { Normalization } from '../../contract/protocol.js';
import { openPrepared } from './cache.js';
import { findCase } from './dataset.js';
import { imagePlace } from './case-files.js';
import { decodeCase } from './decode.js';
import { boxOnGrid, keepsGrid, planGrid, restoreProbabilities } from './grid-plan.js';
import { type Preparation, normalizationOnReading, prepareOnGrid } from './prepare-grid.js';
import { nonzeroBox } from './nonzero-box.js';
import { readImageBox, readLabelBox } from './patch.js';
import { type Box, boxVolume } from './box.js';
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
 * Loads a whole case for inference and evaluation, normalised as in training: on the grid of its image, with its own
 * label, and on the network's grid if the protocol changes it.
 * @param cacheDirectory the folder of prepared cases; if absent, the case's files are decoded
 * @throws UserError UNET6018 (unknown case) or, with case and file, for invalid data (see `decodeCase`, `planGrid`)
 */
export async function loadCase(
  dataset: Dataset,
  id: string,
  { images, targets }: Matching,
  preparation: Preparation,
  cacheDirectory?: string,
): Promise<LoadedCase> {
  const each = findCase(dataset, id);
  const place = imagePlace(each);
  const decoded = cacheDirectory === undefined ? await decodeCase(dataset, each) : undefined;
  const open = async (own?: Preparation): Promise<VoxelSource> => {
    if (decoded === undefined) return openPrepared(cacheDirectory ?? '', dataset, each, own);
    return memorySource(own === undefined ? decoded : prepareOnGrid(place, decoded, own));
  };
  const source = await open();
  const { geometry, statistics, labelCounts } = source;
  const inputs = await readInputs(source, images, preparation.normalize);
  const label = each.label === undefined ? {} : { label: await readTarget(source, targets) };
  const nonzero = await nonzeroBox(source, [...new Set(images.flatMap(({ channels }) => channels))]);
  const loaded = { id, inputs, ...label, geometry, nonzero, voxels: { statistics, labelCounts } };
  if (keepsGrid(preparation)) return loaded;
  const plan = planGrid(place, geometry, preparation);
  const regridded = {
    inputs: await readInputs(await open(preparation), images, normalizationOnReading(preparation)),
    nonzero: boxOnGrid(nonzero, plan),
    restore: (probabilities: FloatTensor) => restoreProbabilities(probabilities, plan),
  };
  return { ...loaded, regridded };
}
