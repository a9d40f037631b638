import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blendWeights } from '../../../runtime/inference/blend.js';
import { commonTile, outputOffset, tileStarts, windowOrigins } from '../../../runtime/inference/windows.js';

describe('tiles', () => {
  it('begin at 0, step by (1 - overlap) and end with the volume', () => {
    expect(tileStarts(155, 64, 0.5)).toEqual([0, 32, 64, 91]);
    expect(tileStarts(128, 64, 0)).toEqual([0, 64]);
    expect(tileStarts(40, 64, 0.5)).toEqual([0]);
    expect(tileStarts(12, 10, 0.9)).toEqual([0, 1, 2]);
  });

  it('cover every voxel and stay inside, whatever the sizes', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 80 }),
      fc.double({ min: 0, max: 0.95, noNaN: true }),
    );
    fc.assert(
      fc.property(sizes, ([extent, size, overlap]) => {
        const starts = tileStarts(extent, size, overlap);
        const gaps = starts.slice(1).map((start, index) => start - starts[index]!);
        expect(gaps.every((gap) => gap >= 1 && gap <= size)).toBe(true);
        expect(starts[0]).toBe(0);
        expect(starts.at(-1)! + size).toBe(Math.max(extent, size));
      }),
    );
  });

  it('lie in the centre of a window whose output is smaller, the odd voxel cut after', () => {
    expect(outputOffset([572, 9], [388, 4])).toEqual([92, 2]);
    expect(windowOrigins([400], commonTile([572], [[388]]), 0)).toEqual([[-92], [-80]]);
  });

  it('are where all outputs are, for several outputs', () => {
    expect(
      commonTile(
        [20, 20],
        [
          [20, 20],
          [11, 16],
        ],
      ),
    ).toEqual({ offset: [4, 2], size: [11, 16] });
  });
});

describe('blend weights', () => {
  it('are 1 for constant', () => {
    expect([...blendWeights([2, 3], 'constant')]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('equal MONAI 1.3 compute_importance_map((8, 4), mode="gaussian", sigma_scale=0.125)', () => {
    // numpy: exp(-x^2 / (2 s^2)) of each axis, their product, clipped below at 1e-3
    const rows = [0.0021874913, 0.0439369336, 0.3246524674, 0.8824969026];
    const columns = [0.0111089965, 0.6065306597, 0.6065306597, 0.0111089965];
    const weights = blendWeights([8, 4], 'gaussian');
    const expected = [...rows, ...rows.toReversed()].flatMap((row) =>
      columns.map((column) => Math.max(1e-3, row * column)),
    );
    expected.forEach((value, index) => expect(weights[index]).toBeCloseTo(value, 7));
    expect(Math.min(...weights)).toBeCloseTo(1e-3, 9);
  });
});
