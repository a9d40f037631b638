import { sameSpacing } from './grid.js';
import type { Geometry } from './types.js';

/** The most frequent value, the first one if several are equally frequent. */
function mostFrequent<T>(values: readonly T[], same: (a: T, b: T) => boolean): T {
  const groups: { readonly value: T; count: number }[] = [];
  for (const value of values) {
    const group = groups.find((each) => same(each.value, value));
    if (group === undefined) groups.push({ value, count: 1 });
    else group.count++;
  }
  const [first, ...others] = groups;
  if (first === undefined) throw new RangeError('no values');
  return others.reduce((best, group) => (group.count > best.count ? group : best), first).value;
}

/** The most frequent spacing [D, H, W] of some cases. */
export function usualSpacing(cases: readonly Pick<Geometry, 'spacing'>[]): [number, number, number] {
  const [depth, height, width] = mostFrequent(
    cases.map(({ spacing }) => spacing),
    sameSpacing,
  );
  return [depth, height, width];
}

/** The most frequent orientation of some cases. */
export function usualOrientation(cases: readonly Pick<Geometry, 'orientation'>[]): string {
  return mostFrequent(
    cases.map(({ orientation }) => orientation),
    (a, b) => a === b,
  );
}
