import type { Preparation } from './preparation-types.js';
import { type Box, boxVolume } from './box.js';
import { normalizationOf } from './preparation.js';
import { type Normalizer, normalizeInto, normalizerOf } from './preprocess.js';
import type { VoxelSource } from './voxel-source.js';

/**
 * Writes a box of some channels, normalised, into `target` as [C, d, h, w].
 * @param channels channels of the file, in the order wanted
 */
export async function readImageBox(
  source: VoxelSource,
  box: Box,
  channels: readonly number[],
  normalize: Preparation['normalize'],
  target: Float32Array,
): Promise<void> {
  const volume = boxVolume(box);
  const normalizers: Normalizer[] = [];
  for (const [position, channel] of channels.entries()) {
    const normalizer = await normalizerOf(normalizationOf(normalize, channel), source, channel);
    const zero = new Float32Array(1);
    normalizeInto(normalizer, zero, 0, 1, zero, 0);
    target.fill(zero[0] as number, position * volume, (position + 1) * volume);
    normalizers.push(normalizer);
  }
  await source.image(box, channels, (position, data, from, count, to) => {
    const normalizer = normalizers[position];
    if (normalizer !== undefined) normalizeInto(normalizer, data, from, count, target, position * volume + to);
  });
}

/** Writes a box of the label into `target` as [d, h, w], mapping each value by `targets`. */
export async function readLabelBox(
  source: VoxelSource,
  box: Box,
  targets: Uint8Array,
  target: Uint8Array,
): Promise<void> {
  target.fill(targets[0] as number);
  await source.label(box, (data, from, count, to) => {
    for (let i = 0; i < count; i++) target[to + i] = targets[data[from + i] as number] as number;
  });
}

/** Whether more than `above` voxels of a box have a label other than 0, the data set's background. */
export async function holdsForeground(source: VoxelSource, box: Box, above: number): Promise<boolean> {
  const { atLeast, atMost } = source.foreground(box);
  if (atLeast > above || atMost <= above) return atLeast > above;
  // Marked first and counted afterwards, because a run may be passed twice.
  const marks = new Uint8Array(boxVolume(box));
  await source.label(box, (data, from, length, to) => {
    for (let i = 0; i < length; i++) marks[to + i] = data[from + i] === 0 ? 0 : 1;
  });
  return marks.reduce((count, mark) => count + mark, 0) > above;
}
