import { detectableEffect, LEVEL, smallestP } from './detectable.js';
import { holm } from './holm.js';

/** The strongest result that a study of a given size could show, whatever its scores turn out to be. */
export interface BestPossible {
  /** The maximum number of test cases in a comparison. */
  readonly cases: number;
  /** Matched rows compared with the base: Holm's family. */
  readonly comparisons: number;
  readonly seeds: number;
  /** The smallest p-value of one comparison, and the same after Holm's correction; null without a comparison. */
  readonly smallestP: number | null;
  readonly smallestHolmP: number | null;
  /** The corrected p-value below which a difference counts as significant. */
  readonly level: number;
  /** Whether any difference could be significant. */
  readonly canShow: boolean;
  /** The fewest cases with which these comparisons could show one; null if no number of cases suffices. */
  readonly casesNeeded: number | null;
  /** The most comparisons with which these cases could show one; 0 if not even a single one could. */
  readonly mostComparisons: number;
  /**
   * The true mean difference that both tests find with a probability of about 0.8, in standard deviations of the
   * differences by case (`detectableDifference`); null if none could be shown.
   */
  readonly detectable: number | null;
}

/** The smallest p-value that each of N comparisons can have after Holm's correction: all have the smallest. */
function smallestHolmP(cases: number, comparisons: number): number {
  return holm(Array.from({ length: comparisons }, () => smallestP(cases)))[0] ?? 1;
}

/** From this number on the tests draw sign flips, and more cases do not give smaller p-values. */
const ENOUGH_CASES = 33;

function casesNeeded(comparisons: number): number | null {
  for (let cases = 1; cases <= ENOUGH_CASES; cases++) if (smallestHolmP(cases, comparisons) < LEVEL) return cases;
  return null;
}

/** Determines the best result that a study could show from its size alone, with the tests that its report uses. */
export function bestPossible(size: Pick<BestPossible, 'cases' | 'comparisons' | 'seeds'>): BestPossible {
  const { cases, comparisons } = size;
  const tested = cases > 0 && comparisons > 0;
  const adjusted = tested ? smallestHolmP(cases, comparisons) : null;
  return {
    ...size,
    smallestP: tested ? smallestP(cases) : null,
    smallestHolmP: adjusted,
    level: LEVEL,
    canShow: adjusted !== null && adjusted < LEVEL,
    casesNeeded: comparisons > 0 ? casesNeeded(comparisons) : null,
    mostComparisons: Math.max(0, Math.ceil(LEVEL / smallestP(cases)) - 1),
    detectable: tested ? (detectableEffect(cases, comparisons) ?? null) : null,
  };
}
