import { caseDice } from '../../case-dice.js';
import type { StudyEvidence } from '../../evidence.js';

export interface ChosenCase {
  readonly rule: 'best' | 'median' | 'worst';
  readonly id: string;
  /** Of the base with the first seed. */
  readonly dice: number;
}

/** The rule of `chosenCases`, for a caption. */
export const CHOICE_RULE =
  'best, median and worst by the Dice of the base (mean over classes) in the first seed; for an even number of cases, the lower of the two middle ones; ties are resolved by case id';

/** Cases to show, chosen by `CHOICE_RULE`, the best first; fewer than three if there are fewer cases. */
export function chosenCases({ runs, record }: StudyEvidence): readonly ChosenCase[] {
  const first = runs.filter(({ variant, seed }) => variant === record.base && seed === record.seeds[0]);
  const sorted = [...caseDice(first)].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const places = [
    ['best', 0] as const,
    ['median', Math.floor(sorted.length / 2)] as const,
    ['worst', sorted.length - 1] as const,
  ];
  const taken = new Set<string>();
  return places.flatMap(([rule, place]) => {
    const found = sorted[place];
    if (found === undefined || taken.has(found[0])) return [];
    taken.add(found[0]);
    return [{ rule, id: found[0], dice: found[1] }];
  });
}
