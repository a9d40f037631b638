import distance from 'damerau-levenshtein';

/** Ignores case, spaces, hyphens and underscores: `Non-enhancing_tumor` equals `non enhancing tumor`. */
export function normalizeName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
}

/** Index of `name` in `candidates`: an exact match first, else one that is equal once normalised; -1 for none. */
export function findName(name: string, candidates: readonly string[]): number {
  const exact = candidates.indexOf(name);
  if (exact >= 0) return exact;
  const wanted = normalizeName(name);
  return candidates.findIndex((candidate) => normalizeName(candidate) === wanted);
}

/** At most three candidates similar to `name` by edit distance with transpositions (Damerau 1964), nearest first. */
export function suggestNames(name: string, candidates: readonly string[]): string[] {
  const wanted = normalizeName(name);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return candidates
    .map((candidate) => ({ candidate, steps: distance(wanted, normalizeName(candidate)).steps }))
    .filter(({ steps }) => steps <= limit)
    .sort((a, b) => a.steps - b.steps)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Names in backticks, with commas: `` `FLAIR`, `T1w` ``. */
export function listNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** A help sentence: "Did you mean `T1w`?" if there is a similar name, else `otherwise`. */
export function didYouMean(name: string, candidates: readonly string[], otherwise: string): string {
  const near = suggestNames(name, candidates);
  return near.length > 0 ? `Did you mean ${near.map((each) => `\`${each}\``).join(' or ')}?` : otherwise;
}
