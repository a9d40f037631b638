import { describe, expect, it } from 'vitest';
import { detectableText, remedyText, seedsText, smallestText } from '../../../../runtime/study/report/prospect-text.js';
import { bestPossible, type BestPossible } from '../../../../runtime/study/statistics/best-possible.js';
import { holm } from '../../../../runtime/study/statistics/holm.js';
import { signFlipTest } from '../../../../runtime/study/statistics/sign-flip.js';
import { wilcoxonSignedRank } from '../../../../runtime/study/statistics/wilcoxon.js';

function best(cases: number, comparisons: number, seeds = 2): BestPossible {
  return bestPossible({ cases, comparisons, seeds });
}

/** The larger p of both tests after Holm, when every row is better than the base in every case. */
function byTheTests(cases: number, comparisons: number): number {
  const differences = Array.from({ length: cases }, (_, index) => 0.1 + 0.01 * index);
  const p = Math.max(wilcoxonSignedRank(differences)!.p, signFlipTest(differences)!.p);
  return holm(Array.from({ length: comparisons }, () => p))[0]!;
}

describe('the best possible result', () => {
  it.each([
    [1, 1],
    [4, 2],
    [6, 1],
    [6, 3],
    [7, 3],
    [7, 4],
    [20, 9],
  ])('of %i cases and %i comparisons is what the tests of the report give at most', (cases, comparisons) => {
    const { smallestHolmP, canShow } = best(cases, comparisons);
    expect(smallestHolmP).toBeCloseTo(byTheTests(cases, comparisons), 12);
    expect(canShow).toBe(byTheTests(cases, comparisons) < 0.05);
  });

  it('of 6 cases and 3 comparisons is 0.094: it takes one case more, or two comparisons fewer', () => {
    expect(best(6, 3)).toMatchObject({ smallestHolmP: 0.09375, canShow: false, casesNeeded: 7, mostComparisons: 1 });
    expect(best(7, 3)).toMatchObject({ canShow: true, mostComparisons: 3 });
    expect(best(6, 1)).toMatchObject({ canShow: true });
  });

  it('names remedies that suffice, and none better', () => {
    for (let cases = 1; cases <= 12; cases++)
      for (let comparisons = 1; comparisons <= 12; comparisons++) {
        const { casesNeeded, mostComparisons } = best(cases, comparisons);
        expect(best(casesNeeded!, comparisons).canShow).toBe(true);
        expect(best(casesNeeded! - 1, comparisons).canShow).toBe(false);
        if (mostComparisons > 0) expect(best(cases, mostComparisons).canShow).toBe(true);
        expect(best(cases, mostComparisons + 1).canShow).toBe(false);
      }
  });

  it('says nothing of tests where there is nothing to test', () => {
    for (const none of [best(6, 0), best(0, 2)])
      expect(none).toMatchObject({ smallestP: null, smallestHolmP: null, canShow: false, detectable: null });
  });
});

describe('the best possible result in words', () => {
  it('has the figures and the remedy', () => {
    expect(smallestText(best(6, 3))).toBe(
      'with 6 test cases, the smallest possible p-value is 0.031, or 0.094 after Holm correction over 3 comparisons',
    );
    expect(smallestText(best(8, 1))).toBe('with 8 test cases, the smallest possible p-value is 0.0078');
    expect(remedyText(best(6, 3))).toBe('Use at least 7 test cases, or at most 1 comparison.');
    expect(remedyText(best(4, 3))).toBe('Use at least 7 test cases.');
    // 33 cases are more than enough; the drawn sign flips of the test limit the comparisons.
    expect(remedyText(best(33, 5000))).toBe('Use at most 4,999 comparisons.');
    expect(detectableText(best(7, 3))).toContain('1.86 standard deviations');
    expect(detectableText(best(6, 3))).toBeUndefined();
  });

  it('says what seeds cannot show', () => {
    expect([1, 2, 5].map(seedsText)).toEqual([
      'With one seed, an effect of the architecture cannot be distinguished from chance in a single training run.',
      'With 2 seeds, both rank two equally good networks in the same order by chance in 50 % of all comparisons.',
      'With 5 seeds, all 5 rank two equally good networks in the same order by chance in 6.3 % of all comparisons.',
    ]);
  });
});
