/**
 * Fraction of cases in which a row is better than the base, with ties counting half. `gains` are positive where it is
 * better.
 */
export function probabilityOfImprovement(gains: readonly number[]): number {
  const halves = gains.reduce((sum, gain) => sum + (gain > 0 ? 2 : gain === 0 ? 1 : 0), 0);
  return halves / (2 * gains.length);
}
