import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapCoverage, detectableDifference } from '../../../../runtime/study/statistics/detectable.js';
import * as distributions from '../../../../runtime/study/statistics/distributions.js';
import { holm } from '../../../../runtime/study/statistics/holm.js';
import { probabilityOfImprovement } from '../../../../runtime/study/statistics/improvement.js';
import { deviation, median } from '../../../../runtime/study/statistics/moments.js';

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

describe('smallest detectable difference', () => {
  it('is the root of the power by scipy.stats.nct, recorded', () => {
    const recorded = [
      [3, 3.2640435498141973],
      [7, 1.272566654483493],
      [20, 0.6604416546230163],
    ] as const;
    for (const [n, expected] of recorded) {
      const values = Array.from({ length: n }, (_, k) => k * 0.25);
      expect(detectableDifference(values)! / deviation(values)).toBeCloseTo(expected, 6);
    }
  });

  it('is not there without a spread', () => {
    expect(detectableDifference([0.1])).toBeNull();
    expect(detectableDifference([0.1, 0.1, 0.1])).toBeNull();
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
