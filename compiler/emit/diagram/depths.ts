import type { Figure } from './figure.js';

/** How many cards lie before each on the longest way to it, in an order in which every card follows those it reads. */
export function depthsOf({ cards, edges }: Figure): ReadonlyMap<string, number> | undefined {
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
  // Stages that read each other have no such order.
  return depths.size === cards.length ? depths : undefined;
}
