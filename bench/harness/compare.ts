/**
 * The largest distance of two lists, relative to the largest of theirs.
 * @throws Error where they differ in length or by more than `tolerance`: the times of different computations cannot be compared
 */
export function assertSame(
  what: string,
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  tolerance: number,
): number {
  if (ours.length !== theirs.length) throw new Error(`${what}: ours are ${ours.length}, the peer's ${theirs.length}`);
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < theirs.length; i++) {
    largest = Math.max(largest, Math.abs(theirs[i]!));
    const off = Math.abs(ours[i]! - theirs[i]!);
    if (!(off <= worst)) worst = Number.isNaN(off) ? Infinity : off;
  }
  const relative = worst === 0 ? 0 : worst / largest;
  if (relative <= tolerance) return relative;
  throw new Error(
    `${what} differ by ${relative.toExponential(1)}, at most ${tolerance} is allowed: not the same computation`,
  );
}
