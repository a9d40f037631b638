/** The largest distance between two arrays; infinite where their lengths differ or a value is not a number. */
export function distance(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < ours.length; i++) {
    const each = Math.abs(ours[i]! - theirs[i]!);
    if (!(each <= worst)) worst = Number.isNaN(each) ? Infinity : each;
  }
  return worst;
}

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** Whether a weight's gradient is zero but for rounding: a softmax does not feel a constant added to all it runs over. */
export function isZeroByMathematics(id: string): boolean {
  return /cross_slice_attention\.k\.key\.bias$|low_rank_attention\.q\.query\.bias$/.test(id);
}

/** How far a weight's gradient may be off: 1e-3 of the tensor's largest, absolutely where it is zero but for rounding. */
export function gradientTolerance(id: string, largestValue: number): number {
  return isZeroByMathematics(id) ? 1e-6 : 1e-3 * largestValue;
}

/** A name, how far it is off, and how far it may be. */
export type Comparison = readonly [name: string, distance: number, tolerance: number];

/** One line for each name that is off by more than it may be: nothing is expected. */
export function tooFar(found: Iterable<Comparison>): readonly string[] {
  return [...found]
    .filter(([, off, tolerance]) => !(off <= tolerance))
    .map(([name, off, tolerance]) => `${name}: off by ${off.toExponential(1)}, at most ${tolerance.toExponential(1)}`);
}
