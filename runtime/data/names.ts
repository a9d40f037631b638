import distance from 'damerau-levenshtein';

/**
 * Names that the field uses for the same contrast or the same class of a glioma, normalised: BraTS writes `t1ce` or
 * `t1c`, the Decathlon `t1gd`, for the T1-weighted image with gadolinium.
 */
const SYNONYMS: readonly (readonly string[])[] = [
  ['flair', 't2f', 't2 flair'],
  ['t1w', 't1', 't1n'],
  ['t1gd', 't1ce', 't1c', 't1 ce', 't1 gd'],
  ['t2w', 't2'],
  ['edema', 'oedema', 'ed', 'peritumoral edema', 'snfh'],
  ['non enhancing tumor', 'non enhancing tumour', 'ncr', 'ncr/net', 'netc'],
  ['enhancing tumor', 'enhancing tumour', 'et'],
];

/** Ignores case, spaces, hyphens and underscores: `Non-enhancing_tumor` equals `non enhancing tumor`. */
export function normalizeName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
}

/**
 * Index of `name` in `candidates`: an exact match first, else one that is equal once normalised, else the only one that
 * is a synonym (`t1ce` for `T1gd`); -1 for none.
 */
export function findName(name: string, candidates: readonly string[]): number {
  const exact = candidates.indexOf(name);
  if (exact >= 0) return exact;
  const wanted = normalizeName(name);
  const similar = candidates.findIndex((candidate) => normalizeName(candidate) === wanted);
  if (similar >= 0) return similar;
  const synonyms = SYNONYMS.find((group) => group.includes(wanted)) ?? [];
  const [index = -1, ...others] = candidates.flatMap((candidate, k) =>
    synonyms.includes(normalizeName(candidate)) ? k : [],
  );
  return others.length === 0 ? index : -1;
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
