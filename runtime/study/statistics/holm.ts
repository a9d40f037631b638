/**
 * Adjusts p-values by Holm's step-down method (Holm 1979), so that the probability of rejecting any true null
 * hypothesis of the family at 5 % stays below 5 %. A comparison without a p-value yet counts in the family and stays
 * null.
 */
export function holm(values: readonly (number | null)[]): (number | null)[] {
  const known = values.flatMap((p, index) => (p === null ? [] : [{ p, index }])).sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = values.map(() => null);
  let largest = 0;
  known.forEach(({ p, index }, rank) => {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * p));
    adjusted[index] = largest;
  });
  return adjusted;
}
