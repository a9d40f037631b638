/**
 * Caches results by number of cases and keeps the most recent ones: everything that intervals and tests over equally
 * many cases share, especially random draws, would otherwise dominate their run time.
 */
export function cachedByCount<T>(make: (count: number) => T): (count: number) => T {
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
