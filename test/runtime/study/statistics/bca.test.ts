import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bcaInterval } from '../../../../runtime/study/statistics/bca.js';
import { mean } from '../../../../runtime/study/statistics/moments.js';

const values = fc.array(fc.integer({ min: -512, max: 512 }), { minLength: 3, maxLength: 40 });

describe('BCa interval of a mean', () => {
  it('is what SciPy 1.10.1 gives from a million resamples, recorded', () => {
    // bootstrap((d,), mean, n_resamples=1_000_000, method='BCa', random_state=1)
    const wide = bcaInterval(Array.from({ length: 100 }, (_, k) => (((11 * k) % 101) - 40) / 100))!;
    expect(Math.abs(wide[0] - 0.0391)).toBeLessThan(0.002);
    expect(Math.abs(wide[1] - 0.1529)).toBeLessThan(0.002);
    const skewed = bcaInterval(Array.from({ length: 20 }, (_, k) => 0.02 * 1.2 ** k))!;
    expect(Math.abs(skewed[0] - 0.1213)).toBeLessThan(0.003);
    expect(Math.abs(skewed[1] - 0.2822)).toBeLessThan(0.003);
  });

  it('moves and grows with the values', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -1000, max: 1000 }), (each, shift) => {
        const interval = bcaInterval(each);
        const moved = bcaInterval(each.map((value) => 2 * value + shift));
        if (interval === null) return expect(moved).toBeNull();
        interval.forEach((end, index) => expect(moved![index]).toBeCloseTo(2 * end + shift, 6));
      }),
      { numRuns: 40 },
    );
  });

  it('lies within the values and around most means', () => {
    fc.assert(
      fc.property(values, (each) => {
        const interval = bcaInterval(each);
        if (interval === null) return;
        expect(interval[0]).toBeLessThan(interval[1]);
        expect(interval[0]).toBeGreaterThanOrEqual(Math.min(...each) - 1e-9);
        expect(interval[1]).toBeLessThanOrEqual(Math.max(...each) + 1e-9);
        expect(interval[0]).toBeLessThanOrEqual(mean(each));
        expect(interval[1]).toBeGreaterThanOrEqual(mean(each));
      }),
      { numRuns: 40 },
    );
  });

  it('is not there for fewer than three values or equal ones', () => {
    expect(bcaInterval([])).toBeNull();
    expect(bcaInterval([0.2, 0.3])).toBeNull();
    expect(bcaInterval([0.1, 0.1, 0.1])).toBeNull();
    expect(bcaInterval(new Array<number>(7).fill(0.1))).toBeNull();
    expect(bcaInterval([0, 0, 0])).toBeNull();
  });
});
