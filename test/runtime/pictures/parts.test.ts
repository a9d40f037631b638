import { describe, expect, it } from 'vitest';
import { paddedRange, ticks } from '../../../runtime/pictures/axes.js';
import { newCanvas, paint } from '../../../runtime/pictures/canvas.js';
import { greyOf, greyWindow, visibleExtents } from '../../../runtime/pictures/grey.js';
import { anatomicalPlanes } from '../../../runtime/pictures/plane.js';
import { rasterOf, rimOf, selectedPerSlice } from '../../../runtime/pictures/slice.js';
import { drawText, shorten, textWidth } from '../../../runtime/pictures/text.js';

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

describe('text', () => {
  it('is drawn in glyphs of 5 x 7, two pixels each', () => {
    const canvas = newCanvas(12, 16, [0, 0, 0]);
    drawText(canvas, 'I', 0, 0, [255, 255, 255]);
    const rows = Array.from({ length: 7 }, (_, row) =>
      Array.from({ length: 5 }, (_, column) => (canvas.data[(row * 2 * 12 + column * 2) * 4] ? '#' : '.')).join(''),
    );
    expect(rows).toEqual(['.###.', '..#..', '..#..', '..#..', '..#..', '..#..', '.###.']);
    expect(textWidth('I')).toBe(10);
  });

  it('has no accents it does not know, and ? for what is left', () => {
    expect(textWidth('ä é 漢')).toBe(textWidth('a e ?'));
    const draw = (text: string): Buffer => {
      const canvas = newCanvas(60, 14, [0, 0, 0]);
      drawText(canvas, text, 0, 0, [255, 255, 255]);
      return canvas.data;
    };
    expect(draw('é漢').equals(draw('e?'))).toBe(true);
    expect(draw('ä').equals(draw('a'))).toBe(false);
  });

  it('is shortened to the room there is', () => {
    expect(shorten('edema', 100)).toBe('edema');
    const short = shorten('non-enhancing tumor', 100);
    expect(short).toMatch(/^non.*\.\.\.$/);
    expect(textWidth(short)).toBeLessThanOrEqual(100);
    expect(shorten('anything', 5)).toBe('...');
  });
});

describe('a canvas', () => {
  it('mixes colours and ignores what lies outside', () => {
    const canvas = newCanvas(2, 1, [100, 100, 100]);
    paint(canvas, 1, 0, [200, 0, 100], 0.5);
    paint(canvas, 2, 0, [1, 2, 3]);
    paint(canvas, -1, 0, [1, 2, 3]);
    expect([...canvas.data]).toEqual([100, 100, 100, 255, 150, 50, 100, 255]);
  });
});

describe('ticks', () => {
  it('are round numbers', () => {
    expect(ticks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks([1, 30], 5)).toEqual([10, 20, 30]);
    expect(ticks([-0.07, 0.31], 5)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(ticks([3, 3], 5)).toEqual([3]);
  });

  it('have a range around equal values and none', () => {
    expect(paddedRange([2, 2])).toEqual([1.5, 2.5]);
    expect(paddedRange([NaN])).toEqual([0, 1]);
    expect(paddedRange([0, 10])).toEqual([-0.5, 10.5]);
  });
});
