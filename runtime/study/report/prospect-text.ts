import { counted } from '../../../text/count.js';
import type { BestPossible } from '../statistics/best-possible.js';
import { percent, probability } from './number-text.js';

/** `with 6 cases, the smallest possible p-value is 0.031, or 0.094 after Holm correction over 3 comparisons`. */
export function smallestText({ cases, comparisons, smallestP, smallestHolmP }: BestPossible): string {
  const after =
    comparisons === 1
      ? ''
      : `, or ${probability(smallestHolmP ?? 1)} after Holm correction over ${counted(comparisons, 'comparison')}`;
  return `with ${counted(cases, 'test case')}, the smallest possible p-value is ${probability(smallestP ?? 1)}${after}`;
}

/** Suggests how a study that is too small to show any difference could show one. */
export function remedyText({ cases, casesNeeded, mostComparisons }: BestPossible): string {
  const more = casesNeeded !== null && casesNeeded > cases ? [`at least ${counted(casesNeeded, 'test case')}`] : [];
  const fewer = mostComparisons > 0 ? [`at most ${counted(mostComparisons, 'comparison')}`] : [];
  return `Use ${[...more, ...fewer].join(', or ')}.`;
}

/** The difference that a study of this size would probably find; undefined if it could show none. */
export function detectableText({ detectable, cases }: BestPossible): string | undefined {
  if (detectable === null) return undefined;
  return `A true difference of ${detectable.toFixed(2)} standard deviations (of the differences between the ${counted(cases, 'case')}) would be found with a probability of about 80 %; smaller ones would more often be missed.`;
}

/** What N trainings of each network can show about an architecture. */
export function seedsText(seeds: number): string {
  if (seeds === 1)
    return 'With one seed, an effect of the architecture cannot be distinguished from chance in a single training run.';
  const all = seeds === 2 ? 'both' : `all ${seeds}`;
  return `With ${seeds} seeds, ${all} rank two equally good networks in the same order by chance in ${percent(2 ** (1 - seeds))} of all comparisons.`;
}
