import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { volumeText } from '../../../runtime/pictures/legend.js';
import { colourOf, drawOverlay, roundLength, writeOverlay, type Overlay } from '../../../runtime/pictures/overlay.js';
import type { Colour, Pixels } from '../../../runtime/pictures/panel-pixels.js';
import { renderPng } from '../../../text/render-png.js';
import { ellipsoid } from '../metrics/support.js';

const shape = [20, 24, 22] as const;
const tumour = ellipsoid(shape, [8, 10, 6], [1, 1, 1], 20);
const core = ellipsoid(shape, [8, 10, 6], [1, 1, 1], 4);
const head = ellipsoid(shape, [10, 12, 11], [1, 1, 1], 81);
const truth = { data: tumour.map((value, i) => value + core[i]!), shape };
const empty = { data: new Uint8Array(truth.data.length), shape };
const labels = [
  { name: 'background', values: [0] },
  { name: 'edema', values: [1] },
  { name: 'core', values: [2] },
];
const overlay: Overlay = {
  image: { data: Float32Array.from(head, (inside, i) => inside * (50 + (i % 17))), shape: [1, ...shape] },
  truth,
  prediction: truth,
  labels,
  spacing: [1, 1, 1],
  orientation: 'RAS',
  title: 'phantom',
};

async function picture(overlay: Overlay): Promise<Pixels> {
  return PNG.sync.read(Buffer.from(await renderPng(drawOverlay(overlay), 1)));
}

/** Pixels of exactly a colour between two columns. */
function count({ width, data }: Pixels, colour: Colour, from = 0, to = width): number {
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    const x = (at / 4) % width;
    if (x >= from && x < to && colour.every((value, channel) => data[at + channel] === value)) found++;
  }
  return found;
}

/** Without the legend at the bottom. */
async function panels(overlay: Overlay): Promise<Pixels> {
  const { width, height, data } = await picture(overlay);
  return { width, height: height - 70, data: data.subarray(0, width * (height - 70) * 4) };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'unet-pictures-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('an overlay', () => {
  it('has the image, the truth and the prediction side by side, each label in its colour', async () => {
    const shown = await panels(overlay);
    const third = Math.floor(shown.width / 3);
    for (const label of [0, 1]) {
      const inColumn = [0, 1, 2].map((column) => count(shown, colourOf(label), column * third, (column + 1) * third));
      expect(inColumn[0]).toBe(0);
      expect(inColumn[1]).toBeGreaterThan(100);
      expect(inColumn[2]).toBeGreaterThan(100);
    }
  });

  it('depends on the proportions of a voxel, not on the unit, and stays small', async () => {
    const shown = await panels(overlay);
    const small = await panels({ ...overlay, spacing: [1e-6, 1e-6, 1e-6] });
    expect([small.width, small.height]).toEqual([shown.width, shown.height]);
    for (const label of [0, 1]) expect(count(small, colourOf(label))).toBe(count(shown, colourOf(label)));
    const flat = drawOverlay({ ...overlay, spacing: [1e-5, 1, 1] });
    const sides = /^<svg [^>]* width="(\d+)" height="(\d+)"/.exec(flat)!.slice(1).map(Number);
    expect(Math.max(...sides)).toBeLessThan(3 * 2100);
  });

  it('has a scale bar of a round length at any scale', () => {
    expect([1, 1.9, 2, 4.99, 7, 99.9, 100, 0.3, 0.0012, 4e-7].map(roundLength)).toEqual([
      1, 1, 2, 2, 5, 50, 100, 0.2, 0.001, 2e-7,
    ]);
  });

  it('states volumes in ml, and small ones in cubic millimetres', () => {
    expect([0, 12345, 1000, 999.5, 0.123456, 2.5e-9].map(volumeText)).toEqual([
      '0.0 ml',
      '12.3 ml',
      '1.0 ml',
      '1000 mm³',
      '0.123 mm³',
      '2.5e-9 mm³',
    ]);
  });

  it('draws nothing of the background, nor of what is not there', async () => {
    const shown = await panels({ ...overlay, truth: empty, prediction: empty });
    for (const label of [0, 1, 2]) expect(count(shown, colourOf(label))).toBe(0);
  });

  it('shows what was missed and what was invented', async () => {
    const missed = await panels({ ...overlay, prediction: empty });
    const half = Math.floor((missed.width * 2) / 3);
    expect(count(missed, colourOf(0), 0, half)).toBeGreaterThan(100);
    expect(count(missed, colourOf(0), half)).toBe(0);
    const invented = await panels({ ...overlay, truth: empty });
    expect(count(invented, colourOf(0), 0, half)).toBe(0);
    expect(count(invented, colourOf(0), half)).toBeGreaterThan(100);
  });

  it('has no column for a truth that is not known', async () => {
    const { truth: _, ...known } = overlay;
    expect((await picture(known)).width).toBeLessThan((await picture(overlay)).width);
  });

  it('goes through the largest cross-section', async () => {
    const data = new Uint8Array(empty.data.length);
    // One voxel in slice 12, two in slice 3 whose neighbours are clear: only they are seen from above.
    data[(12 * 24 + 12) * 22 + 11] = 1;
    data[(3 * 24 + 12) * 22 + 11] = 2;
    data[(3 * 24 + 12) * 22 + 12] = 2;
    const { truth: _, ...known } = overlay;
    const shown = await panels({ ...known, prediction: { data, shape } });
    const axial = { ...shown, data: shown.data.subarray(0, Math.floor(shown.height / 3) * shown.width * 4) };
    expect(count(axial, colourOf(0))).toBe(0);
    // The rim of two voxels side by side, 14 pixels each way.
    expect(count(axial, colourOf(1))).toBe(2 * 28 + 2 * 12);
  });

  it('is as tall as its slices are thick, and has one plane for one slice', async () => {
    const thick = await picture({ ...overlay, spacing: [4, 1, 1] });
    expect(thick.height / thick.width).toBeGreaterThan(1.3);
    const slice = (data: Uint8Array): Uint8Array => data.slice(8 * 528, 9 * 528);
    const flat = { data: slice(truth.data), shape: [1, 24, 22] };
    const image = { data: overlay.image.data.slice(8 * 528, 9 * 528), shape: [1, 1, 24, 22] };
    const one = await picture({ ...overlay, image, truth: flat, prediction: flat });
    expect(one.height).toBeLessThan(one.width);
  });

  it('is a PNG file that leaves nothing else behind', async () => {
    const file = path.join(folder, 'overlay.png');
    await writeOverlay(overlay, file);
    await writeOverlay(overlay, file);
    const { width, height, data } = await picture(overlay);
    const png = PNG.sync.read(await readFile(file));
    expect([png.width, png.height]).toEqual([width, height]);
    expect(png.data.equals(data)).toBe(true);
    expect(await readdir(folder)).toEqual(['overlay.png']);
    await expect(writeOverlay(overlay, path.join(folder, 'none', 'overlay.png'))).rejects.toMatchObject({
      code: 'UNET6058',
      message: expect.stringContaining('overlay.png') as string,
    });
  });

  it('refuses a channel that is not there', () => {
    expect(() => drawOverlay({ ...overlay, channel: 1 })).toThrow('no channel 1');
  });
});
