import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../runtime/random/random-stream.js';
import {
  bootstrapCoverage,
  detectableDifference,
  LEVEL,
  smallestP,
} from '../../../../runtime/study/statistics/detectable.js';
import * as distributions from '../../../../runtime/study/statistics/distributions.js';
import { holm } from '../../../../runtime/study/statistics/holm.js';
import { probabilityOfImprovement } from '../../../../runtime/study/statistics/improvement.js';
import { deviation, median } from '../../../../runtime/study/statistics/moments.js';
import { signFlipTest } from '../../../../runtime/study/statistics/sign-flip.js';
import { wilcoxonSignedRank } from '../../../../runtime/study/statistics/wilcoxon.js';

describe("Holm's adjustment", () => {
  it('multiplies the smallest by all, the next by one less, and never falls', () => {
    // R: p.adjust(c(0.04, 0.01, 0.03, 0.02), 'holm')
    const adjusted = holm([0.04, 0.01, 0.03, 0.02]);
    [0.06, 0.04, 0.06, 0.06].forEach((value, index) => expect(adjusted[index]).toBeCloseTo(value, 12));
    expect(holm([0.5, 0.6])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });

  it('counts comparisons without a p-value in the family', () => {
    expect(holm([0.01, null, null])).toEqual([0.03, null, null]);
  });

  it('keeps the order of p-values and never lowers one', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { maxLength: 12 }), (values) => {
        const adjusted = holm(values) as number[];
        values.forEach((value, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(value);
          expect(adjusted[i]).toBeLessThanOrEqual(1);
          values.forEach((other, j) => value <= other && expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!));
        });
      }),
    );
  });
});

/** `n` numbers, no matter which. */
const numbers = (n: number): number[] => Array.from({ length: n }, (_, k) => k * 0.25);

/** In standard deviations; null where nothing can be shown. */
function detectableEffect(n: number, comparisons: number): number | null {
  const difference = detectableDifference(numbers(n), comparisons);
  return difference && difference / deviation(numbers(n));
}

/** How often both tests stay below Holm's first step where normal differences have a mean of `effect` deviations. */
function chanceOfShowing(n: number, comparisons: number, effect: number): number {
  const random = randomStream(1, 'power', n, comparisons);
  const level = LEVEL / comparisons;
  const studies = Array.from({ length: 400 }, () => Array.from({ length: n }, () => random.normal() + effect));
  const shown = studies.filter((each) => wilcoxonSignedRank(each)!.p < level && signFlipTest(each)!.p < level);
  return shown.length / studies.length;
}

describe('smallest p', () => {
  it('is what both tests give where all differences have one sign', () => {
    for (const n of [1, 2, 6, 20, 32, 33, 60]) {
      const ones = numbers(n).map((value) => value + 1);
      expect(smallestP(n)).toBe(Math.max(wilcoxonSignedRank(ones)!.p, signFlipTest(ones)!.p));
    }
  });
});

describe('detectable difference', () => {
  it('is the root of the power by scipy.stats.nct and norm, recorded', () => {
    expect(detectableEffect(7, 1)).toBeCloseTo(1.2922171663976376, 6);
    expect(detectableEffect(20, 4)).toBeCloseTo(0.8146012423503723, 6);
    expect(detectableEffect(100, 3)).toBeCloseTo(0.328343632213008, 6);
    expect(detectableEffect(8, 4)).toBeCloseTo(1.9187573081293992, 6);
  });

  it('is found with a chance of about 0.8 by the rule that is used', { timeout: 60_000 }, () => {
    for (const [n, comparisons] of [
      [6, 1],
      [7, 1],
      [8, 4],
      [10, 4],
      [12, 1],
      [12, 4],
    ] as const) {
      const chance = chanceOfShowing(n, comparisons, detectableEffect(n, comparisons)!);
      expect(chance, `${n} cases, ${comparisons} comparisons`).toBeGreaterThan(0.68);
      expect(chance, `${n} cases, ${comparisons} comparisons`).toBeLessThan(0.85);
    }
  });

  it('is not there where no difference of any size could be shown', () => {
    for (const [n, comparisons] of [
      [5, 1],
      [6, 2],
      [7, 4],
    ] as const) {
      expect(detectableEffect(n, comparisons)).toBeNull();
      expect(chanceOfShowing(n, comparisons, 100)).toBe(0);
    }
  });

  it('is not there without a spread', () => {
    expect(detectableDifference([0.1], 1)).toBeNull();
    expect(detectableDifference(new Array<number>(9).fill(0.1), 1)).toBeNull();
  });
});

it('distributions are those of scipy.stats', () => {
  expect(distributions.normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12); // norm.ppf(0.975)
  expect(distributions.studentQuantile(0.975, 6)).toBeCloseTo(2.4469118487916806, 7); // t.ppf(0.975, 6)
  expect(distributions.noncentralStudentCdf(2.5, 6, 1.5)).toBeCloseTo(0.7670940475480935, 7); // nct.cdf(2.5, 6, 1.5)
});

it('intervals of few cases cover what simulation finds', () => {
  // 3,000 sets of n standard normal values, the share whose BCa interval holds 0: 0.846, 0.871, 0.903, 0.933.
  [0.846, 0.871, 0.903, 0.933].forEach((share, index) =>
    expect(Math.abs(bootstrapCoverage([5, 7, 10, 20][index]!) - share)).toBeLessThan(0.012),
  );
});

it('improvement counts ties half', () => {
  expect(probabilityOfImprovement([1, 2, 0, -1])).toBe(0.625);
});

it('the median is the middle, or between the middle two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
