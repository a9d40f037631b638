/**
 * p-values adjusted by Holm's step-down method (Holm 1979): with them, the chance that any true null hypothesis of the
 * family is rejected at 5 % stays below 5 %. A comparison that has no p-value yet counts in the family and stays null.
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
