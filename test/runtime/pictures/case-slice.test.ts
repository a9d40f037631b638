import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { cutSlice, parseSlice, sliceFile, type SliceSubject } from '../../../runtime/pictures/case-slice.js';
import { chooseChannel, choosePlane, chooseSlice } from '../../../runtime/pictures/choose-slice.js';
import { colourOf } from '../../../runtime/pictures/overlay.js';
import { flagsOf } from '../../../runtime/pictures/slice.js';
import { drawSlice } from '../../../runtime/pictures/slice-picture.js';
import type { LoadedCase } from '../../../runtime/data/types.js';

const shape = [6, 12, 10] as const;
const size = 6 * 12 * 10;
const at = (z: number, y: number, x: number): number => (z * 12 + y) * 10 + x;

/** A volume with a block of a value in some slices: rows and columns from 4 up to an end. */
function withBlocks(...blocks: readonly (readonly [slice: number, end: number, value: number])[]): Uint8Array {
  const volume = new Uint8Array(size);
  for (const [z, end, value] of blocks)
    for (let y = 4; y < end; y++) for (let x = 4; x < end; x++) volume[at(z, y, x)] = value;
  return volume;
}

const truth = withBlocks([1, 9, 1], [3, 8, 1], [3, 6, 2]);
const prediction = withBlocks([3, 7, 1]);

/** Two channels: noise in the first, the structure bright in the second; zero around a head. */
const image = Float32Array.from({ length: 2 * size }, (_, place) => {
  const voxel = place % size;
  const [y, x] = [Math.floor(voxel / 10) % 12, voxel % 10];
  if (y === 0 || x === 0) return 0;
  return 10 + (voxel % 7) + (place >= size && truth[voxel]! > 0 ? 50 : 0);
});

function subject(spacing: readonly [number, number, number] = [1, 1, 1], label = truth): SliceSubject {
  const geometry = { shape, spacing, orientation: 'LPS' } as unknown as LoadedCase['geometry'];
  const labels = ['background', 'edema', 'core'].map((name, value) => ({ name, values: [value] }));
  return {
    loaded: {
      id: 'case',
      inputs: { scan: { data: image, shape: [2, ...shape] } },
      label: { data: label, shape },
      geometry,
    } as unknown as LoadedCase,
    prediction: {
      output: { name: 'mask', kind: 'classes', labels, auxiliary: 0 },
      probabilities: { data: new Float32Array(), shape: [] },
      labels: { data: prediction, shape },
    },
    channels: ['T1w', 'FLAIR'],
  };
}

describe('the slice that is shown', () => {
  it('is in the plane of the finest voxels, and axial if all are equal', () => {
    const name = (spacing: readonly [number, number, number]): string => choosePlane(shape, spacing, 'LPS').name;
    expect(name([1, 1, 1])).toBe('axial');
    expect(name([5, 1, 1])).toBe('axial');
    expect(name([1, 3, 1])).toBe('coronal');
    expect(name([1, 1, 3])).toBe('sagittal');
    expect(choosePlane([1, 12, 10], [1, 3, 1], 'LPS').name).toBe('axial');
  });

  it('shows the classes, each as large as it gets, rather than one of them', () => {
    const plane = choosePlane(shape, [1, 1, 1], 'LPS');
    const slice = (...values: number[]): number =>
      chooseSlice(
        truth,
        shape,
        plane,
        values.map((value) => flagsOf([value])),
      );
    expect(slice(1)).toBe(1);
    expect(slice(1, 2)).toBe(3);
    expect(slice(3)).toBe(3);
    expect(chooseSlice(undefined, shape, plane, [flagsOf([1])])).toBe(3);
  });

  it('shows the channel in which the structure differs from its surroundings', () => {
    const { channel, slice, grey, truth: shown, width } = cutSlice(subject());
    expect([channel, slice, width]).toEqual(['FLAIR', 3, 10]);
    const inside = grey.filter((_, place) => shown[place]! > 0);
    const outside = grey.filter((_, place) => shown[place] === 0);
    expect(Math.min(...inside)).toBeGreaterThan(Math.max(...outside));
  });

  it('takes the first channel where there is nothing to tell them apart by', () => {
    const grid = { width: 10, height: 12 };
    const flat = new Float32Array(120).fill(3);
    expect(chooseChannel([flat, flat], new Uint8Array(120), grid)).toBe(0);
    expect(chooseChannel([flat, flat], new Uint8Array(120).fill(1), grid)).toBe(0);
    expect(cutSlice(subject([1, 1, 1], new Uint8Array(size))).channel).toBe('T1w');
  });

  it('does not depend on the prediction, so that all networks show the same', () => {
    const other = { ...subject(), prediction: { ...subject().prediction, labels: { data: truth, shape } } };
    const { prediction: mine, ...rest } = cutSlice(subject());
    const { prediction: theirs, ...same } = cutSlice(other);
    expect(same).toEqual(rest);
    expect(mine).not.toEqual(theirs);
  });
});

describe('the file of a slice', () => {
  const slice = cutSlice(subject([1, 2, 1]));
  const bytes = (change: object): Uint8Array => Buffer.from(JSON.stringify({ ...sliceFile(slice), ...change }));

  it('is read as it was written', () => {
    expect(parseSlice(bytes({}))).toEqual(slice);
  });

  it.each([
    ['another format', { format: 2 }],
    ['more voxels than its size', { width: 2 }],
    ['fewer voxels than its size', { width: 4000 }],
    ['voxels that are not compressed', { grey: 'AAAA' }],
    ['an unknown field', { script: 'x' }],
  ])('is not shown with %s', (_, change) => {
    expect(parseSlice(bytes(change))).toBeUndefined();
  });

  it('is not shown if it is not JSON', () => {
    expect(parseSlice(Buffer.from('{'))).toBeUndefined();
  });
});

describe('the picture of a slice', () => {
  it('shows a layer in the colours of its classes, voxels in their true proportions, without text', () => {
    const slice = cutSlice(subject([1, 1, 1]));
    const draw = (layer: 'none' | 'truth' | 'prediction'): PNG =>
      PNG.sync.read(Buffer.from(drawSlice(slice, layer).png));
    const count = ({ data }: PNG, colour: readonly number[]): number => {
      let found = 0;
      for (let place = 0; place < data.length; place += 4)
        if (colour.every((value, channel) => data[place + channel] === value)) found++;
      return found;
    };
    for (const colour of [colourOf(0), colourOf(1)]) {
      expect(count(draw('none'), colour)).toBe(0);
      expect(count(draw('truth'), colour)).toBeGreaterThan(0);
    }
    expect(count(draw('prediction'), colourOf(1))).toBe(0);
    const wide = drawSlice(cutSlice(subject([4, 1, 2])), 'none');
    expect(wide.width / wide.height).toBeCloseTo((10 * 2) / 12, 2);
  });
});
