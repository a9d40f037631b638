/**
 * Makes what belongs to a number of cases once and keeps the last few: what every interval and test over as many cases
 * shares, random draws above all, would take most of the time to be made again.
 */
export function keepFew<T>(make: (count: number) => T): (count: number) => T {
  const kept = new Map<number, T>();
  return (count) => {
    const known = kept.get(count);
    if (known !== undefined) return known;
    const made = make(count);
    if (kept.size >= 3) kept.delete(kept.keys().next().value as number);
    kept.set(count, made);
    return made;
  };
}
