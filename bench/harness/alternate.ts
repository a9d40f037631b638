/** Turns of two sides one after the other, so that what else the machine does meets both alike. */
import { setTimeout } from 'node:timers/promises';

/** What a side measured in one turn. */
export interface Turn {
  readonly seconds: number;
}

/** A turn of ours, and the peer's right after it. */
export interface Pair<T extends Turn> {
  readonly ours: T;
  readonly peer: T;
}

export interface Alternation<T extends Turn> {
  readonly ours: () => Promise<T>;
  readonly peer: () => Promise<T>;
  /** Pairs that count. */
  readonly pairs: number;
  /** Pairs before them that do not. */
  readonly warmup: number;
  /** Rest before each turn: threads of the other side may spin a moment before they sleep. */
  readonly restMs?: number;
  /** Called after each pair; `index` counts from 0, warm-up first. */
  readonly onPair?: (pair: Pair<T>, index: number) => void;
}

/** All pairs, warm-up first and `warmup` of them. Only one side runs at any time. */
export async function alternate<T extends Turn>(options: Alternation<T>): Promise<Pair<T>[]> {
  const { pairs, warmup, restMs = 0, onPair } = options;
  const take = async (side: () => Promise<T>): Promise<T> => {
    if (restMs > 0) await setTimeout(restMs);
    return side();
  };
  const found: Pair<T>[] = [];
  for (let index = 0; index < warmup + pairs; index++) {
    const ours = await take(options.ours);
    const peer = await take(options.peer);
    found.push({ ours, peer });
    onPair?.({ ours, peer }, index);
  }
  return found;
}

/** Our time over the peer's: below 1, ours is faster. */
export function ratioOf({ ours, peer }: Pair<Turn>): number {
  return ours.seconds / peer.seconds;
}
