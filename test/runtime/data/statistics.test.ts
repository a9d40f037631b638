import type { ChannelNormalization } from '../../../runtime/data/preparation-types.js';
import { describe, expect, it } from 'vitest';
import { channelStatistics, isConstant } from '../../../runtime/data/decode.js';
import { normalizeInto, normalizerOf } from '../../../runtime/data/preprocess.js';
import { plainGeometry } from './make.js';
import { memorySource, type VoxelSource } from '../../../runtime/data/voxel-source.js';

function statisticsOf(values: readonly number[]) {
  const [statistics] = channelStatistics({ file: 'scan.nii' }, Float32Array.from(values), ['T1w']);
  if (statistics === undefined) throw new Error('no channel');
  return statistics;
}

/** A volume of one channel and one row. */
function sourceOf(values: readonly number[]): VoxelSource {
  const image = Float32Array.from(values);
  const geometry = plainGeometry([1, 1, values.length]);
  return memorySource({ geometry, channels: 1, image, statistics: [statisticsOf(values)], labelCounts: [] });
}

async function normalizedBy(normalization: ChannelNormalization, values: readonly number[]): Promise<number[]> {
  const target = new Float32Array(values.length);
  const normalizer = await normalizerOf(normalization, sourceOf(values), 0);
  normalizeInto(normalizer, Float32Array.from(values), 0, values.length, target, 0);
  return [...target];
}

function normalized(values: readonly number[], over: 'nonzero' | 'all'): Promise<number[]> {
  return normalizedBy({ kind: 'zscore', over }, values);
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

  it('becomes 0, and one of tiny values is scaled like any other', async () => {
    expect((await normalized([1000, Math.fround(1000.0001)], 'all')).every((value) => value === 0)).toBe(true);
    expect((await normalized([0, 7, 7], 'nonzero')).every((value) => value === 0)).toBe(true);
    for (const scale of [1, 1e-9, 1e-30, 1e30]) {
      const values = await normalized([0, 1 * scale, 3 * scale], 'nonzero');
      [0, -1, 1].forEach((expected, k) => expect(values[k]).toBeCloseTo(expected, 5));
    }
  });
});

describe('a normalisation', () => {
  const ct = { kind: 'ct', mean: 40, deviation: 20, low: -10, high: 90 } as const;
  const words: readonly (readonly [ChannelNormalization, readonly number[], readonly number[]])[] = [
    // 0 HU is not background: it is -2 deviations from the mean.
    [ct, [0, -1000, 40, 3000, 80], [-2, -2.5, 0, 2.5, 2]],
    [{ kind: 'minmax' }, [-1000, 0, 1000], [0, 0.5, 1]],
    [{ kind: 'minmax' }, [1e-9, 2e-9, 3e-9], [0, 0.5, 1]],
    // NumPy: percentile([0, 1, 2, 3, 100], [25, 75]) = [1, 3].
    [{ kind: 'percentiles', from: 25, to: 75 }, [100, 0, 2, 3, 1], [1, 0, 0.5, 1, 0]],
    [{ kind: 'percentiles', from: 10, to: 60 }, [0, 1e-9, 2e-9, 3e-9, 4e-9], [0, 0.3, 0.8, 1, 1]],
    [{ kind: 'zscore', over: 'all' }, [0, 2], [-1, 1]],
    [{ kind: 'none' }, [0, -5], [0, -5]],
  ];

  it.each(words)('%o changes %o to %o', async (word, values, expected) => {
    const found = await normalizedBy(word, values);
    expected.forEach((each, k) => expect(found[k]).toBeCloseTo(each, 5));
  });

  it.each(words.map(([word]) => word))('%o of a constant channel is 0, or what is stored', async (word) => {
    const constant = word.kind === 'ct' ? { ...word, mean: 7, deviation: 0, low: 7, high: 7 } : word;
    const expected = word.kind === 'none' ? 7 : 0;
    expect(await normalizedBy(constant, [7, 7, 7])).toEqual([expected, expected, expected]);
  });
});
