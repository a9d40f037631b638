import { UserError } from '../errors/user-error.js';
import type { PatchProtocol } from '../../contract/protocol.js';
import type { Random } from '../random/random-stream.js';
import type { Box } from './box.js';
import { counted } from '../../text/count.js';
import { roundToEven } from './augment/blur.js';

/** A patch's extent in the volume, [D, H, W]: a 2-D patch [H, W] is one axial slice. */
export function patchExtent(size: readonly number[]): [number, number, number] {
  const [depth, height, width] = size.length === 2 ? [1, ...size] : size;
  if (size.length > 3 || depth === undefined || height === undefined || width === undefined) {
    throw new UserError(
      'UNET6023',
      `A patch of ${counted(size.length, 'axis', 'axes')} (${size.join(' x ')}) cannot be extracted from 3-D volumes.`,
      'Use a network with three spatial axes, or one with two, which trains on axial slices.',
    );
  }
  return [depth, height, width];
}

/** The highest origin of a box along an axis; the lowest is 0. A larger box begins with the volume, as in prediction. */
function highestOrigin(shape: readonly number[], size: Box['size'], axis: 0 | 1 | 2): number {
  return Math.max(0, (shape[axis] ?? 0) - size[axis]);
}

/** Draws a box: all positions inside the volume are equally likely. A box that is larger extends beyond its end. */
export function drawBox(random: Random, shape: readonly number[], size: Box['size']): Box {
  const draw = (axis: 0 | 1 | 2): number => random.integer(highestOrigin(shape, size, axis) + 1);
  return { origin: [draw(0), draw(1), draw(2)], size };
}

/** A rule that draws again. */
type Redraw = Extract<PatchProtocol['foreground'], { readonly draws: number }>;

/**
 * Draws a patch. With a foreground rule up to `draws` are drawn, and the first with more than `above` foreground voxels
 * is taken, else the last.
 * @param shape [D, H, W]
 * @param holdsForeground whether more than `above` voxels of a box are foreground
 */
export async function drawPatch(
  random: Random,
  shape: readonly number[],
  size: Box['size'],
  rule: Redraw | null,
  holdsForeground: (box: Box, above: number) => Promise<boolean>,
): Promise<Box> {
  let box = drawBox(random, shape, size);
  if (rule === null) return box;
  for (let draw = 1; draw < rule.draws && !(await holdsForeground(box, rule.above)); draw++) {
    box = drawBox(random, shape, size);
  }
  return box;
}

/**
 * Whether a patch is centred on foreground. As in nnU-Net, the first `batch * (1 - share)` patches of a batch, rounded
 * (a half to the even number), are not, and the others are; if that would centre none, each is with probability `share`.
 * @param position in the batch, from 0
 */
export function isCentred(random: Random, share: number, batch: number, position: number): boolean {
  const others = roundToEven(batch * (1 - share));
  return others < batch ? position >= others : random.uniform() < share;
}

/**
 * Draws a class that the case has, uniformly, and one of its voxels, and centres a box on it as far as the volume
 * allows. A case without foreground gets a box anywhere.
 * @param foreground voxels of each class that the case has, as indices into the volume
 */
export function centredBox(
  random: Random,
  shape: readonly number[],
  size: Box['size'],
  foreground: readonly Uint32Array[],
): Box {
  if (foreground.length === 0) return drawBox(random, shape, size);
  const voxels = foreground[random.integer(foreground.length)]!;
  const voxel = voxels[random.integer(voxels.length)]!;
  const [, height = 1, width = 1] = shape;
  const centre = [Math.floor(voxel / (height * width)), Math.floor(voxel / width) % height, voxel % width];
  const from = (axis: 0 | 1 | 2): number => {
    const origin = centre[axis]! - Math.floor(size[axis] / 2);
    return Math.min(highestOrigin(shape, size, axis), Math.max(0, origin));
  };
  return { origin: [from(0), from(1), from(2)], size };
}
