import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../runtime/random/random-stream.js';
import { bcaInterval, resamplesOf } from '../../../../runtime/study/statistics/bca.js';
import { detectableDifference } from '../../../../runtime/study/statistics/detectable.js';
import { signFlipTest } from '../../../../runtime/study/statistics/sign-flip.js';
import { wilcoxonSignedRank } from '../../../../runtime/study/statistics/wilcoxon.js';

const python = '/usr/bin/python3';
const script = path.join(import.meta.dirname, 'scipy_reference.py');
const probe =
  'from scipy.stats import bootstrap, permutation_test\nfrom scipy.stats._resampling import _bootstrap_resample';
const hasScipy = spawnSync(python, ['-c', probe]).status === 0;

interface Reference {
  readonly wilcoxon: readonly number[];
  readonly signFlip: readonly number[];
  readonly bca: readonly (readonly [number, number])[];
  readonly detectable: readonly number[];
}

function scipy(input: object): Reference {
  const { stdout, stderr, status } = spawnSync(python, [script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Reference;
}

/** Sixteenths, so that sums are exact and ties and zeros are many; skewed. */
function coarse(n: number, seed: number): number[] {
  const random = randomStream(seed, 'coarse', n);
  return Array.from({ length: n }, () => Math.round(4 * random.normal() + 2 * random.normal() ** 2) / 16);
}

/** No two alike. Binary fractions: SciPy takes sums for unequal that rounding alone tells apart. */
function fine(n: number, seed: number): number[] {
  const random = randomStream(seed, 'fine', n);
  return Array.from({ length: n }, () => Math.round(2 ** 20 * (0.03 + 0.1 * random.normal())) / 2 ** 20);
}

describe('statistics beside SciPy', () => {
  const differences = [fine(4, 1), fine(8, 2), coarse(8, 3), coarse(12, 4), fine(14, 5), fine(32, 6), coarse(70, 7)];
  const sizes = [
    [6, 1],
    [7, 1],
    [8, 4],
    [20, 4],
    [100, 3],
  ] as const;

  if (!hasScipy) it.skip(`${python} has no SciPy with bootstrap: not compared`, () => undefined);
  else
    it('are the same', { timeout: 120_000 }, () => {
      const indices = differences.map(({ length }) => [...resamplesOf(length).subarray(0, 10_000 * length)]);
      const reference = scipy({ differences, indices, detectable: sizes });
      differences.forEach((each, index) => {
        expect(wilcoxonSignedRank(each)!.p).toBeCloseTo(reference.wilcoxon[index]!, 12);
        const ours = signFlipTest(each)!.p;
        if (each.length <= 14) expect(ours).toBeCloseTo(reference.signFlip[index]!, 12);
        else expect(Math.abs(ours - reference.signFlip[index]!)).toBeLessThan(0.01);
        const [low, high] = bcaInterval(each)!;
        expect(low).toBeCloseTo(reference.bca[index]![0], 10);
        expect(high).toBeCloseTo(reference.bca[index]![1], 10);
      });
      sizes.forEach(([n, comparisons], index) => {
        const spread = Array.from({ length: n }, (_, i) => i);
        const deviation = Math.sqrt((n * (n + 1)) / 12);
        expect(detectableDifference(spread, comparisons)! / deviation / reference.detectable[index]!).toBeCloseTo(1, 6);
      });
    });
});
