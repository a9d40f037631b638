import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signFlipTest } from '../../../../runtime/study/statistics/sign-flip.js';

const few = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 10 });

function byEnumeration(values: readonly number[]): number {
  const sum = (signs: number): number =>
    Math.abs(values.reduce((total, value, index) => total + ((signs >> index) & 1 ? value : -value), 0));
  const found = Math.abs(values.reduce((total, value) => total + value, 0));
  const scale = values.reduce((total, value) => total + Math.abs(value), 0);
  const sums = Array.from({ length: 2 ** values.length }, (_, signs) => sum(signs));
  return sums.filter((each) => each >= found - 1e-12 * scale).length / sums.length;
}

describe('sign-flip permutation test', () => {
  it('is what SciPy 1.10.1 gives, recorded', () => {
    // permutation_test((d,), mean, permutation_type='samples', n_resamples=inf)
    expect(signFlipTest([0.031, -0.012, 0.054, 0.02, 0.007, -0.003, 0.041])).toEqual({ p: 0.09375, method: 'exact' });
    expect(signFlipTest([1, 1, -2, 2, 3, 0, 0, 3, 3, -1])).toEqual({ p: 0.1484375, method: 'exact' });
  });

  it('counts every flip, and is a multiple of 2 / 2^n', () => {
    fc.assert(
      fc.property(few, (values) => {
        const { p } = signFlipTest(values)!;
        expect(p).toBe(byEnumeration(values));
        expect((p * 2 ** values.length) % 2).toBe(0);
        expect(signFlipTest(values.map((value) => -value))!.p).toBe(p);
      }),
    );
  });

  it('counts 2^32 flips without listing them', () => {
    expect(signFlipTest(new Array<number>(32).fill(0.1))).toEqual({ p: 2 / 2 ** 32, method: 'exact' });
    // 31 of one sign and one of the other: 33 of 2^32 choices of signs have no more than one odd one, on either side.
    expect(signFlipTest([...new Array<number>(31).fill(0.1), -0.1])!.p).toBe(66 / 2 ** 32);
  });

  it('draws flips above that, the same ones each time, and never says 0', () => {
    const same = new Array<number>(33).fill(0.1);
    expect(signFlipTest(same)).toEqual({ p: 1e-5, method: 'monte carlo' });
    expect(signFlipTest(same.map((value) => -value))!.p).toBe(1e-5);
    const shifted = [...new Array<number>(21).fill(1), ...new Array<number>(14).fill(-1)];
    expect(signFlipTest(shifted)!.p).toBeCloseTo(binomialTails(35, 21), 2);
  });

  it('is 1 where the mean is 0, and not there without a difference', () => {
    expect(signFlipTest([0.1, 0.2, -0.3])!.p).toBe(1);
    expect(signFlipTest([0, 0])!.p).toBe(1);
    expect(signFlipTest(new Array<number>(50).fill(0))!.p).toBe(1);
    expect(signFlipTest([])).toBeNull();
  });
});

/** 2 P(heads >= least) of fair coins. */
function binomialTails(coins: number, least: number): number {
  let [ways, sum] = [1, 0];
  for (let heads = coins; heads >= least; heads--) {
    sum += ways;
    ways *= heads / (coins - heads + 1);
  }
  return (2 * sum) / 2 ** coins;
}
