/** A quantity of one run by step, in increasing order of steps. */
export type Curve = readonly (readonly [step: number, value: number])[];

export interface BandPoint {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Linear interpolation between neighbours; undefined outside the curve. */
function valueAt(curve: Curve, step: number): number | undefined {
  const next = curve.findIndex(([at]) => at >= step);
  if (next === -1) return undefined;
  const [right, value] = curve[next]!;
  if (right === step) return value;
  if (next === 0) return undefined;
  const [left, before] = curve[next - 1]!;
  return before + ((value - before) * (step - left)) / (right - left);
}

/** At most `most` of `steps`, evenly spaced, including the first and the last. */
function thinned(steps: readonly number[], most: number): readonly number[] {
  if (steps.length <= most) return steps;
  return Array.from({ length: most }, (_, index) => steps[Math.round((index * (steps.length - 1)) / (most - 1))]!);
}

const MOST_POINTS = 120;

/**
 * Mean, minimum and maximum of several runs, at the steps at which any of them was measured and all of them have a
 * value; values between a run's own steps are interpolated linearly, because folds differ in the length of an epoch.
 */
export function meanCurve(curves: readonly Curve[]): readonly BandPoint[] {
  const measured = curves.filter((curve) => curve.length > 0);
  const steps = [...new Set(measured.flatMap((curve) => curve.map(([step]) => step)))].sort((a, b) => a - b);
  const common = steps.filter((step) => measured.every((curve) => valueAt(curve, step) !== undefined));
  return thinned(common, MOST_POINTS).map((step) => {
    const values = measured.map((curve) => valueAt(curve, step)!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { step, mean, low: Math.min(...values), high: Math.max(...values) };
  });
}
