import type { Edge, Figure } from './figure.js';

export type Depths = ReadonlyMap<string, number>;

/**
 * Returns the number of cards before each card on the longest path to it, in an order in which every card follows those it
 * reads. Returns undefined if stages read each other, so that no such order exists.
 */
export function depthsOf({ cards, edges }: Figure): Depths | undefined {
  const waiting = new Map(cards.map(({ id }) => [id, 0]));
  for (const { to } of edges) waiting.set(to, (waiting.get(to) ?? 0) + 1);
  const depths = new Map<string, number>();
  let ready = cards.map(({ id }) => id).filter((id) => waiting.get(id) === 0);
  for (let depth = 0; ready.length > 0; depth++) {
    const next: string[] = [];
    for (const id of ready) {
      depths.set(id, depth);
      for (const { to } of edges.filter(({ from }) => from === id)) {
        const left = (waiting.get(to) ?? 0) - 1;
        waiting.set(to, left);
        if (left === 0) next.push(to);
      }
    }
    ready = next;
  }
  return depths.size === cards.length ? depths : undefined;
}

/** Whether an edge leads past other cards to one of the same resolution. */
export function isSkip({ cards }: Figure, depths: Depths, { from, to }: Edge): boolean {
  const level = (id: string): number | undefined => cards.find((card) => card.id === id)?.level;
  return level(from) === level(to) && (depths.get(to) ?? 0) - (depths.get(from) ?? 0) > 1;
}
