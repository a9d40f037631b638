import type { Normalization } from '../../contract/protocol.js';
import { openPrepared } from './cache.js';
import { findCase } from './dataset.js';
import { decodeCase } from './decode.js';
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
 * Loads a whole case for inference and evaluation, normalised as in training.
 * @param cacheDirectory the folder of prepared cases; if absent, the case's files are decoded
 * @throws UserError UNET6018 (unknown case) or, with case and file, for invalid data (see `decodeCase`)
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
  const nonzero = await nonzeroBox(source, [...new Set(matching.images.flatMap(({ channels }) => channels))]);
  const { geometry, statistics, labelCounts } = source;
  return { id, inputs, ...label, geometry, nonzero, voxels: { statistics, labelCounts } };
}
