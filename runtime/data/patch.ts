import type { Preparation } from './preparation-types.js';
import { type Box, boxVolume } from './box.js';
import { normalizationOf } from './preparation.js';
import { type Normalizer, normalizeInto, normalizerOf } from './preprocess.js';
import type { VoxelSource } from './voxel-source.js';

/** Fills the part of a box that lies in the volume. */
function fillInside(shape: readonly number[], { origin, size }: Box, value: number, target: Float32Array, at: number) {
  if (value === 0) return;
  const [z, y, x] = ([0, 1, 2] as const).map((axis) => {
    const first = Math.max(0, -origin[axis]);
    return [first, Math.max(first, Math.min(size[axis], shape[axis]! - origin[axis]))] as const;
  }) as [readonly [number, number], readonly [number, number], readonly [number, number]];
  for (let slice = z[0]; slice < z[1]; slice++) {
    for (let row = y[0]; row < y[1]; row++) {
      const from = at + (slice * size[1] + row) * size[2];
      target.fill(value, from + x[0], from + x[1]);
    }
  }
}

/**
 * Writes a box of some channels, normalised, into `target` as [C, d, h, w].
 * Voxels outside the volume are 0, which is the mean or the background.
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
    target.fill(0, position * volume, (position + 1) * volume);
    fillInside(source.geometry.shape, box, zero[0] as number, target, position * volume);
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
