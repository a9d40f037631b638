import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { setLayout } from '../../../runtime/ops/layout.js';
import {
  cropToOutput,
  encodedShape,
  encodeTarget,
  hasIgnored,
  IGNORED,
  resizeToAuxiliary,
} from '../../../runtime/training/targets.js';

const classes = {
  name: 'mask',
  kind: 'classes',
  auxiliary: 0,
  labels: ['none', 'edema', 'core'].map((name, index) => ({ name, values: [index] })),
} as const;
const regions = {
  name: 'mask',
  kind: 'regions',
  auxiliary: 0,
  labels: [
    { name: 'whole', values: [1, 4] },
    { name: 'core', values: [4] },
  ],
} as const;

function label(shape: number[], values: number[]) {
  return { shape, data: Uint8Array.from(values) };
}

beforeAll(() => selectEngine('cpu'));
afterEach(() => setLayout('channels-last'));

describe('cropToOutput', () => {
  it('cuts the centre, the odd voxel after', () => {
    const target = label(
      [2, 4, 3],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
    );
    expect(cropToOutput(target, [1, 2], 'mask')).toEqual(label([2, 1, 2], [3, 4, 23, 24]));
    expect(cropToOutput(target, [4, 3], 'mask')).toBe(target);
  });

  it('refuses a larger output and another rank', () => {
    const target = label([1, 2, 2], [0, 0, 0, 0]);
    expect(() => cropToOutput(target, [2, 3], 'mask')).toThrow(/`mask` is 2 x 3 voxels where the target is 2 x 2/);
    expect(() => cropToOutput(target, [2, 2, 1], 'mask')).toThrow(expect.objectContaining({ code: 'UNET6062' }));
  });
});

describe('resizeToAuxiliary', () => {
  it('takes the voxel nearest to each centre', () => {
    const target = label([1, 4, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
    expect(resizeToAuxiliary(target, [2, 2])).toEqual(label([1, 2, 2], [2, 3, 6, 7]));
    expect(resizeToAuxiliary(label([1, 6], [0, 1, 2, 3, 4, 5]), [2])).toEqual(label([1, 2], [1, 4]));
  });
});

describe('encodeTarget', () => {
  it('marks one class a voxel, in memory order', () => {
    const target = label([1, 1, 2, 2], [0, 2, 1, 2]);
    expect(encodedShape(target.shape, classes)).toEqual([1, 1, 2, 2, 3]);
    expect([...encodeTarget(target, classes)]).toEqual([1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]);
    setLayout('channels-first');
    expect(encodedShape(target.shape, classes)).toEqual([1, 3, 1, 2, 2]);
    expect([...encodeTarget(target, classes)]).toEqual([1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1]);
  });

  it('marks every region that covers a value', () => {
    const encoded = encodeTarget(label([2, 1, 2], [0, 1, 4, 2]), regions);
    expect([...encoded]).toEqual([0, 0, 1, 0, 1, 1, 0, 0]);
  });

  it('refuses a class the output does not have', () => {
    expect(() => encodeTarget(label([1, 1], [255]), classes)).toThrow(/class 255.*classes 0 to 2/);
  });
});

describe('voxels to ignore', () => {
  it.each([classes, regions])('are -1 for every label of $kind, and found', (output) => {
    const target = label([1, 3], [0, IGNORED, 1]);
    const width = output.labels.length;
    const encoded = [...encodeTarget(target, output)];
    expect(encoded.slice(width, 2 * width)).toEqual(new Array(width).fill(-1));
    expect([...encoded.slice(0, width), ...encoded.slice(2 * width)].every((each) => each >= 0)).toBe(true);
    expect(hasIgnored(target)).toBe(true);
    expect(hasIgnored(label([1, 2], [0, 1]))).toBe(false);
  });
});
