import { randomStream } from '../random/random-stream.js';
import { shuffled } from './shuffled.js';

/** A case as k-fold splitting sees it. */
export interface FoldCase {
  readonly id: string;
  /** Cases of the same group share a fold. */
  readonly group: string;
  /** Cases of a stratum are spread over the folds. */
  readonly stratum: string;
}

/** A group that is not yet assigned, with the number of its cases by stratum. */
interface Group {
  readonly ids: readonly string[];
  readonly strata: ReadonlyMap<string, number>;
}

function count<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Groups in a random order by the seed, then the largest first, and those of one stratum after each other. */
function orderedGroups(cases: readonly FoldCase[], seed: number): Group[] {
  const byName = new Map<string, FoldCase[]>();
  for (const each of cases) byName.set(each.group, [...(byName.get(each.group) ?? []), each]);
  const names = shuffled([...byName.keys()].sort(), randomStream(seed, 'kfold'));
  const groups = names.map((name): Group & { readonly key: string } => {
    const members = byName.get(name)!;
    const strata = members.map(({ stratum }) => stratum).sort();
    return { ids: members.map(({ id }) => id), strata: count(strata), key: strata.join('\n') };
  });
  return groups.sort((a, b) => b.ids.length - a.ids.length || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** A fold while it is filled. */
interface Fold {
  readonly ids: string[];
  readonly strata: Map<string, number>;
}

/** How uneven a fold becomes with a group: the cases of the group's strata that it already has, by stratum size. */
function crowding({ strata }: Fold, group: Group, sizes: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [stratum, number] of group.strata) {
    sum += (number * (strata.get(stratum) ?? 0)) / sizes.get(stratum)!;
  }
  return sum;
}

/**
 * Deals groups of cases to folds, each to the fold that has the fewest cases of its strata, then the fewest cases: the
 * greedy rule of scikit-learn's `StratifiedGroupKFold`. Without groups, the folds differ by at most one case in every
 * stratum and in total; groups of several cases are never divided, so that they may differ by more.
 * @returns the ids of each fold
 */
export function groupedFolds(cases: readonly FoldCase[], folds: number, seed: number): readonly (readonly string[])[] {
  const sizes = count(cases.map(({ stratum }) => stratum));
  const dealt = Array.from({ length: folds }, (): Fold => ({ ids: [], strata: new Map() }));
  for (const group of orderedGroups(cases, seed)) {
    const [fold] = [...dealt].sort(
      (a, b) => crowding(a, group, sizes) - crowding(b, group, sizes) || a.ids.length - b.ids.length,
    );
    fold!.ids.push(...group.ids);
    for (const [stratum, number] of group.strata) fold!.strata.set(stratum, (fold!.strata.get(stratum) ?? 0) + number);
  }
  return dealt.map(({ ids }) => ids);
}
