import { describe, expect, it } from 'vitest';
import { channelStatistics, isConstant } from '../../../runtime/data/decode.js';
import { normalizeInto, normalizerOf } from '../../../runtime/data/preprocess.js';

function statisticsOf(values: readonly number[]) {
  const [statistics] = channelStatistics({ file: 'scan.nii' }, Float32Array.from(values), ['T1w']);
  if (statistics === undefined) throw new Error('no channel');
  return statistics;
}

function normalized(values: readonly number[], over: 'nonzero' | 'all'): number[] {
  const target = new Float32Array(values.length);
  const normalizer = normalizerOf({ kind: 'zscore', over }, statisticsOf(values));
  normalizeInto(normalizer, Float32Array.from(values), 0, values.length, target, 0);
  return [...target];
}

describe('statistics of a channel', () => {
  it('give mean, deviation and range over nonzero voxels and over all', () => {
    expect(statisticsOf([0, 2, 4, 0])).toEqual({
      nonzero: { mean: 3, deviation: 1, minimum: 2, maximum: 4 },
      all: { mean: 1.5, deviation: Math.sqrt(2.75), minimum: 0, maximum: 4 },
    });
    expect(statisticsOf([0, -2, -4]).all).toMatchObject({ minimum: -4, maximum: 0 });
    expect(statisticsOf([2, 4])).toMatchObject({ all: { minimum: 2, maximum: 4 } });
  });

  it('are zeros if every voxel is 0', () => {
    const zeros = { mean: 0, deviation: 0, minimum: 0, maximum: 0 };
    expect(statisticsOf([0, 0])).toEqual({ nonzero: zeros, all: zeros });
  });
});

describe('a constant channel', () => {
  it.each([
    ['equal values', [5, 5, 5], true],
    ['zeros', [0, 0], true],
    ['one float32 step apart', [1000, Math.fround(1000.0001)], true],
    ['values around 1e-9', [1e-9, 2e-9, 1.5e-9], false],
    ['values around 0', [-1e-12, 1e-12], false],
    ['denormal values', [1e-42, 2e-42], false],
    ['one voxel in many', [...new Array<number>(1000).fill(1000), 1001], false],
    ['values around 1e30', [1e30, 1.1e30], false],
  ])('is decided in relation to its magnitude: %s', (_, values, constant) => {
    expect(isConstant(statisticsOf(values).all)).toBe(constant);
  });

  it('becomes 0, and one of tiny values is scaled like any other', () => {
    expect(normalized([1000, Math.fround(1000.0001)], 'all').every((value) => value === 0)).toBe(true);
    expect(normalized([0, 7, 7], 'nonzero').every((value) => value === 0)).toBe(true);
    for (const scale of [1, 1e-9, 1e-30, 1e30]) {
      const values = normalized([0, 1 * scale, 3 * scale], 'nonzero');
      [0, -1, 1].forEach((expected, k) => expect(values[k]).toBeCloseTo(expected, 5));
    }
  });
});
