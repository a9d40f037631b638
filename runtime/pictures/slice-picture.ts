import { PNG } from 'pngjs';
import type { CaseSlice } from './case-slice.js';
import { colourOf, pixelsPerMm } from './overlay.js';
import { paintFilled, type Colour, type Pixels } from './panel-pixels.js';
import { flagsOf, rasterOf, type Raster } from './slice.js';

/** What is drawn over the image. */
export type Layer = 'none' | 'truth' | 'prediction';

/** A picture of a slice. */
export interface SlicePicture {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

/** Pixels of equal size in mm across and down, several for each voxel if there are few. */
function rasterOfSlice({ width, height, pixel }: CaseSlice): Raster {
  const [across, down] = pixel;
  const plane = {
    name: 'axial',
    axis: 0,
    rows: { axis: 1, flip: false },
    columns: { axis: 2, flip: false },
    edges: ['', '', '', ''],
  } as const;
  const extents = [[0, 1] as const, [0, height] as const, [0, width] as const];
  const spacing = [Math.min(across, down), down, across] as const;
  return rasterOf([1, height, width], spacing, plane, 0, extents, pixelsPerMm(extents, spacing));
}

/** The classes of a slice with the colours that they are drawn in. */
export function sliceColours({ labels }: Pick<CaseSlice, 'labels'>): readonly { name: string; colour: Colour }[] {
  return labels.map(({ name }, index) => ({ name, colour: colourOf(index) }));
}

/** Draws a slice in grey, with the classes of a layer as translucent areas with a rim. */
export function drawSlice(slice: CaseSlice, layer: Layer): SlicePicture {
  const raster = rasterOfSlice(slice);
  const { width, height, voxels } = raster;
  const pixels: Pixels = { width, height, data: new Uint8Array(4 * voxels.length) };
  voxels.forEach((voxel, at) => {
    pixels.data.fill(slice.grey[voxel]!, 4 * at, 4 * at + 3);
    pixels.data[4 * at + 3] = 255;
  });
  if (layer !== 'none') {
    const labels = slice.labels.map(({ values }, index) => ({
      selected: flagsOf(values),
      colour: colourOf(index),
    }));
    paintFilled(pixels, raster, slice[layer], labels);
  }
  const png = Object.assign(new PNG({ width, height }), { data: Buffer.from(pixels.data.buffer) });
  return { width, height, png: PNG.sync.write(png, { colorType: 2 }) };
}
