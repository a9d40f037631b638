import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { midRanks } from '../../../../runtime/study/statistics/mid-ranks.js';
import { wilcoxonSignedRank } from '../../../../runtime/study/statistics/wilcoxon.js';

/** Few values, so that ties and zeros are the rule. */
const differences = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 70 });

/** P(|W - centre| >= |w - centre|) by listing all signs. */
function byEnumeration(values: readonly number[]): number {
  const nonzero = values.filter((value) => value !== 0);
  const ranks = midRanks(nonzero.map(Math.abs));
  const distance = (positive: (index: number) => boolean): number =>
    Math.abs(ranks.reduce((sum, rank, index) => sum + (positive(index) ? rank : -rank), 0));
  const found = distance((index) => nonzero[index]! > 0);
  const all = Array.from({ length: 2 ** ranks.length }, (_, signs) =>
    distance((index) => ((signs >> index) & 1) === 1),
  );
  return all.filter((each) => each >= found).length / all.length;
}

describe("Wilcoxon's signed-rank test", () => {
  it('is what SciPy 1.10.1 gives, recorded', () => {
    // wilcoxon(d, mode='exact')
    const few = wilcoxonSignedRank([0.031, -0.012, 0.054, 0.02, 0.007, -0.003, 0.041])!;
    expect(few).toEqual({ p: 0.109375, positive: 24, negative: 4, n: 7, method: 'exact' });
    const fifty = Array.from({ length: 50 }, (_, k) => ((7 * k) % 53) - 20 + 0.5 * ((k * 3) % 2) + k / 1000);
    expect(wilcoxonSignedRank(fifty)!.p).toBeCloseTo(0.028256978552906986, 14);
    // permutation_test((sign(d) * rankdata(abs(d)),), sum, permutation_type='samples', n_resamples=inf), zeros left out
    expect(wilcoxonSignedRank([1, 1, -2, 2, 3, 0, 0, 3, 3, -1])).toMatchObject({ p: 0.125, n: 8, method: 'exact' });
    // wilcoxon(d, mode='approx', zero_method='wilcox', correction=True)
    const many = [...Array.from({ length: 60 }, (_, k) => (((7 * k) % 61) - 25) / 4), 0, 0, 3, 3, 3];
    const approximate = wilcoxonSignedRank(many)!;
    expect(approximate).toMatchObject({ n: 62, method: 'normal' });
    expect(approximate.p).toBeCloseTo(0.036655341137248575, 12);
  });

  it('gives equal values the mean of their ranks', () => {
    expect(midRanks([1, 1, 2, 2, 3, 3, 3, 1])).toEqual([2, 2, 4.5, 4.5, 7, 7, 7, 2]);
  });

  it('counts every choice of signs, ties included', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 }), (values) => {
        expect(wilcoxonSignedRank(values)!.p).toBeCloseTo(byEnumeration(values), 12);
      }),
    );
  });

  it('lies in (0, 1], does not change with sign or order, and knows no zeros', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const { p } = wilcoxonSignedRank(values)!;
        // Of all choices of signs, the given one and its opposite are at least as extreme as themselves.
        const moved = values.filter((value) => value !== 0).length;
        expect(p).toBeGreaterThanOrEqual(Math.min(1, 2 ** (1 - moved)) * (1 - 1e-12));
        expect(p).toBeLessThanOrEqual(1);
        expect(wilcoxonSignedRank(values.map((value) => -value))!.p).toBe(p);
        expect(wilcoxonSignedRank([0, ...values.toReversed(), 0])!.p).toBeCloseTo(p, 14);
      }),
    );
  });

  it('is 1 where all are zero, and not there without a difference', () => {
    expect(wilcoxonSignedRank([0, 0, 0])!.p).toBe(1);
    expect(wilcoxonSignedRank([])).toBeNull();
  });
});
