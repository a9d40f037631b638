import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { greyOf, greyWindow, visibleExtents } from '../../../runtime/pictures/grey.js';
import { dataUrl, greyPixels, paintFilled, type Pixels } from '../../../runtime/pictures/panel-pixels.js';
import { anatomicalPlanes } from '../../../runtime/pictures/plane.js';
import { rasterOf, rimOf, selectedPerSlice } from '../../../runtime/pictures/slice.js';

/** What a plane shows, in words: the array axis and direction of its columns and rows. */
function sides(orientation: string): string[] {
  return anatomicalPlanes(orientation).map(({ name, axis, columns, rows, edges }) => {
    const side = ({ axis, flip }: typeof rows): string => `${flip ? '-' : ''}${axis}`;
    return `${name} ${axis}: ${side(columns)} ${side(rows)} ${edges.join('')}`;
  });
}

describe('planes', () => {
  it('show the right on the left, front and head on top, whatever the file’s axes', () => {
    expect(sides('LPS')).toEqual(['axial 0: 2 1 RLAP', 'coronal 1: 2 -0 RLSI', 'sagittal 2: 1 -0 APSI']);
    expect(sides('RAS')).toEqual(['axial 0: -2 -1 RLAP', 'coronal 1: -2 -0 RLSI', 'sagittal 2: -1 -0 APSI']);
    // x runs backwards, y downwards, z to the right: the slices of the array are sagittal.
    expect(sides('PIR')).toEqual(['axial 1: -0 2 RLAP', 'coronal 2: -0 1 RLSI', 'sagittal 0: 2 1 APSI']);
  });

  it('are those of LPS where the orientation is none', () => {
    for (const odd of ['', 'RRS', 'XYZ', 'RASL']) expect(sides(odd)).toEqual(sides('LPS'));
  });
});

describe('slices', () => {
  const all = [
    [0, 2],
    [0, 3],
    [0, 4],
  ] as const;

  it('have square pixels where voxels are not cubes', () => {
    const [, coronal] = anatomicalPlanes('LPS');
    const raster = rasterOf([2, 3, 4], [2, 1, 1], coronal!, 1, all, 1);
    // Rows from the head: slice 1 twice, then slice 0 twice; voxels of row y = 1.
    expect([raster.width, raster.height]).toEqual([4, 4]);
    expect([...raster.voxels]).toEqual([16, 17, 18, 19, 16, 17, 18, 19, 4, 5, 6, 7, 4, 5, 6, 7]);
  });

  it('are cropped, flipped and enlarged', () => {
    const [axial] = anatomicalPlanes('RPS');
    const crop = [
      [0, 2],
      [1, 2],
      [1, 3],
    ] as const;
    const raster = rasterOf([2, 3, 4], [1, 1, 1], axial!, 1, crop, 2);
    expect([raster.width, raster.height]).toEqual([4, 2]);
    expect([...raster.voxels]).toEqual([18, 18, 17, 17, 18, 18, 17, 17]);
  });

  it('count their selected voxels', () => {
    const labels = Uint8Array.of(0, 1, 0, 0, 2, 2, 1, 0);
    const selected = Uint8Array.from({ length: 256 }, (_, value) => Number(value > 0));
    expect(selectedPerSlice(labels, [2, 2, 2], 0, selected)).toEqual([1, 3]);
    expect(selectedPerSlice(labels, [2, 2, 2], 2, selected)).toEqual([2, 2]);
  });

  it('have rims inside their masks, not along the picture’s side', () => {
    const mask = Uint8Array.from('1100011100111001110000000', Number);
    const raster = { width: 5, height: 5, voxels: new Int32Array(25) };
    const rim = [...rimOf(mask, raster, 1)].join('').match(/.{5}/g);
    expect(rim).toEqual(['01000', '00100', '00100', '11100', '00000']);
  });
});

describe('greys', () => {
  it('span the percentiles of what is not background', () => {
    const image = Float32Array.from({ length: 400 }, (_, i) => (i < 200 ? 0 : i - 100));
    const window = greyWindow(image);
    expect(window).toEqual({ low: 102, high: 298, background: 0 });
    expect([0, 102, 200, 298, 1000].map((value) => greyOf(value, window))).toEqual([0, 0, 128, 255, 255]);
    expect(greyOf(NaN, window)).toBe(0);
  });

  it('know of no background where the corner is like any other voxel, and bear an empty image', () => {
    expect(greyWindow(Float32Array.from({ length: 100 }, (_, i) => i)).background).toBeUndefined();
    const blank = new Float32Array(27);
    expect(greyOf(0, greyWindow(blank))).toBe(128);
    expect(visibleExtents(blank, [3, 3, 3], 0)).toEqual([
      [0, 3],
      [0, 3],
      [0, 3],
    ]);
  });

  it('leave the background around the head out', () => {
    const image = new Float32Array(1000);
    image[555] = 1;
    expect(visibleExtents(image, [10, 10, 10], 0, 2)).toEqual([
      [3, 8],
      [3, 8],
      [3, 8],
    ]);
  });
});

describe('panels', () => {
  const raster = { width: 3, height: 1, voxels: Int32Array.of(0, 1, 2) };
  const selecting = (...values: number[]): Uint8Array =>
    Uint8Array.from({ length: 256 }, (_, value) => Number(values.includes(value)));
  const grey = (): Pixels =>
    greyPixels(raster, Float32Array.of(100, 100, 100), { low: 0, high: 255, background: undefined });

  it('are opaque and grey without labels', () => {
    expect([...grey().data]).toEqual([100, 100, 100, 255, 100, 100, 100, 255, 100, 100, 100, 255]);
  });

  it('mix a label with the grey below it, and give a voxel of two labels the colour of the last', () => {
    const pixels = grey();
    paintFilled(pixels, raster, Uint8Array.of(1, 2, 0), [
      { selected: selecting(1, 2), colour: [200, 0, 100] },
      { selected: selecting(2), colour: [0, 0, 200] },
    ]);
    // The first voxel is the whole of its label's visible part: beside the second, which is another's, lies its rim.
    expect([...pixels.data]).toEqual([200, 0, 100, 255, 0, 0, 200, 255, 100, 100, 100, 255]);
    const whole = grey();
    paintFilled(whole, raster, Uint8Array.of(1, 1, 1), [{ selected: selecting(1), colour: [200, 0, 100] }]);
    expect([...whole.data.subarray(0, 4)]).toEqual([145, 55, 100, 255]);
  });

  it('are embedded as PNG', () => {
    const { width, height, data } = grey();
    const png = PNG.sync.read(Buffer.from(dataUrl(grey()).replace('data:image/png;base64,', ''), 'base64'));
    expect({ width: png.width, height: png.height, data: [...png.data] }).toEqual({ width, height, data: [...data] });
  });
});
