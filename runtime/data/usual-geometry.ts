import type { Geometry } from './types.js';

type Spacing = Geometry['spacing'];

/** Relative difference of two voxel sizes that headers rounded to three or four digits can have. */
const ROUNDING = 1e-3;

/** Whether two spacings are equal along each axis but for rounding. */
export function sameSpacing(a: Spacing, b: Spacing): boolean {
  return a.every((size, axis) => {
    const other = b[axis] ?? NaN;
    return Math.abs(size - other) <= ROUNDING * Math.max(size, other);
  });
}

/** A spacing in a message: `1 x 0.9375 x 0.9375`. */
export function spacingText(spacing: readonly number[]): string {
  return spacing.map((size) => Number(size.toPrecision(4))).join(' x ');
}

/** The value that most items share, the first of those if several are equally frequent. */
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

/** The spacing [D, H, W] that most of some cases have. */
export function usualSpacing(cases: readonly Pick<Geometry, 'spacing'>[]): [number, number, number] {
  const [depth, height, width] = mostFrequent(
    cases.map(({ spacing }) => spacing),
    sameSpacing,
  );
  return [depth, height, width];
}

/** The orientation that most of some cases have. */
export function usualOrientation(cases: readonly Pick<Geometry, 'orientation'>[]): string {
  return mostFrequent(
    cases.map(({ orientation }) => orientation),
    (a, b) => a === b,
  );
}
