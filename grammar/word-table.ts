/**
 * Returns a table whose keys are looked up by words of a spec. It has no prototype, so that `constructor` or `toString`
 * is found only if it is listed.
 */
export function wordTable<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return { __proto__: null, ...entries } as unknown as Readonly<Record<string, T>>;
}
