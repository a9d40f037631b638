import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearestValue } from '../../../compiler/study/nearest-value.js';

interface Trial {
  readonly measure: (value: number) => number | undefined;
  readonly target: number;
  readonly start: number;
  readonly limit?: number;
}

function search({ limit = 60, ...rest }: Trial) {
  const asked: number[] = [];
  const measure = (value: number): number | undefined => {
    asked.push(value);
    return rest.measure(value);
  };
  const found = nearestValue({ ...rest, measure, limit });
  return { found, asked };
}

const multiplesOf =
  (step: number, of: (value: number) => number) =>
  (value: number): number | undefined =>
    value % step === 0 ? of(value) : undefined;

describe('nearestValue', () => {
  test('finds the best value of any rising or falling measure, whatever the step and the start', () => {
    const settings = fc.record({
      step: fc.constantFrom(1, 2, 3, 4, 6, 8, 16, 24),
      start: fc.integer({ min: 1, max: 200 }),
      sought: fc.integer({ min: 1, max: 4000 }),
      power: fc.constantFrom(-1, 1, 2),
    });
    fc.assert(
      fc.property(settings, ({ step, start, sought, power }) => {
        const of = (value: number): number => value ** power;
        const origin = Math.ceil(start / step) * step;
        const target = of(sought);
        const { found, asked } = search({ measure: multiplesOf(step, of), target, start: origin });
        const legal = [Math.max(1, Math.floor(sought / step)) * step, Math.ceil(sought / step) * step];
        const best = Math.min(...legal.map((value) => Math.abs(of(value) - target)));
        expect(Math.abs(found!.measured - target)).toBe(best);
        expect(found!.measured).toBe(of(found!.value));
        expect(asked.length).toBeLessThanOrEqual(60);
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });

  test('begins beside a start that is not legal', () => {
    expect(search({ measure: multiplesOf(8, (value) => value), target: 100, start: 21 }).found).toEqual({
      value: 96,
      measured: 96,
    });
  });

  test('sees a spot beside the bracket where the measure goes the other way', () => {
    // 41 is the target by chance; the measure passes it between 30 and 31.
    const measure = (value: number): number => (value === 32 ? 1000 : 10 * value + (value > 30 ? 500 : -500));
    expect(search({ measure, target: 1000, start: 24 }).found).toEqual({ value: 32, measured: 1000 });
  });

  test('stays within its limit, and gives the best it has seen', () => {
    const { found, asked } = search({ measure: (value) => value, target: 10_000, start: 1, limit: 9 });
    expect(asked).toHaveLength(9);
    expect(found!.value).toBe(Math.max(...asked));
  });

  test('knows no answer where nothing is legal, and the smaller of two equally near', () => {
    expect(search({ measure: () => undefined, target: 1, start: 5 }).found).toBeUndefined();
    expect(search({ measure: (value) => value * 2, target: 9, start: 12 }).found).toEqual({ value: 4, measured: 8 });
    expect(search({ measure: () => 3, target: 9, start: 12 }).found!.measured).toBe(3);
  });

  test('ends at 1 where the target lies below all values', () => {
    expect(search({ measure: (value) => value + 100, target: 5, start: 64 }).found).toEqual({
      value: 1,
      measured: 101,
    });
  });
});
