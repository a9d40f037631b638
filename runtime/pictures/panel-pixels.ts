import { PNG } from 'pngjs';
import { greyOf, type GreyWindow } from './grey.js';
import { maskOn, rimOf, type Raster } from './slice.js';

/** Red, green and blue, each from 0 to 255. */
export type Colour = readonly [number, number, number];

/** A foreground label: the voxel values that belong to it (256 flags), and the colour it is drawn in. */
export interface DrawnLabel {
  readonly selected: Uint8Array;
  readonly colour: Colour;
}

/** Opaque RGBA pixels, rows from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const OUTLINE_THICKNESS = 2;
const FILL_ALPHA = 0.45;

/** Returns a slice of the image in grey. */
export function greyPixels(raster: Raster, image: Float32Array, window: GreyWindow): Pixels {
  const data = new Uint8Array(raster.voxels.length * 4);
  raster.voxels.forEach((voxel, at) => {
    data.fill(greyOf(image[voxel]!, window), at * 4, at * 4 + 3);
    data[at * 4 + 3] = 255;
  });
  return { width: raster.width, height: raster.height, data };
}

function paint({ data }: Pixels, mask: Uint8Array, colour: Colour, alpha: number): void {
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      const at = pixel * 4 + channel;
      data[at] = Math.round(data[at]! * (1 - alpha) + colour[channel]! * alpha);
    }
  }
}

/** Draws the outline of each label onto `pixels`. */
export function paintOutlines(pixels: Pixels, raster: Raster, volume: Uint8Array, labels: readonly DrawnLabel[]): void {
  for (const { selected, colour } of labels)
    paint(pixels, rimOf(maskOn(raster, volume, selected), raster, OUTLINE_THICKNESS), colour, 1);
}

/**
 * Fills each label onto `pixels`, translucent with an opaque rim. A voxel that several labels contain takes the colour
 * of the last, so that the colours of nested regions do not mix.
 */
export function paintFilled(pixels: Pixels, raster: Raster, volume: Uint8Array, labels: readonly DrawnLabel[]): void {
  const taken = new Uint8Array(raster.voxels.length);
  for (const { selected, colour } of labels.toReversed()) {
    const mask = maskOn(raster, volume, selected).map((inside, at) => (taken[at] === 0 ? inside : 0));
    mask.forEach((inside, at) => (taken[at]! |= inside));
    paint(pixels, mask, colour, FILL_ALPHA);
    paint(pixels, rimOf(mask, raster, 1), colour, 1);
  }
}

/** Returns the pixels as a PNG in a data URL. */
export function dataUrl({ width, height, data }: Pixels): string {
  const png = Object.assign(new PNG({ width, height }), { data: Buffer.from(data.buffer) });
  // Packed once more in the picture itself, so here speed counts.
  return `data:image/png;base64,${PNG.sync.write(png, { colorType: 2, deflateLevel: 1 }).toString('base64')}`;
}
