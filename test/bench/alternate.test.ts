import { describe, expect, it } from 'vitest';
import { alternate, ratioOf, type Pair, type Turn } from '../../bench/harness/alternate.js';

describe('alternate', () => {
  it('takes turns, ours first, and never lets both run at once', async () => {
    const events: string[] = [];
    const side = (name: string) => async (): Promise<Turn> => {
      events.push(`${name} starts`);
      await Promise.resolve();
      events.push(`${name} ends`);
      return { seconds: 1 };
    };
    await alternate({ ours: side('ours'), peer: side('peer'), pairs: 2, warmup: 1 });
    const pair = ['ours starts', 'ours ends', 'peer starts', 'peer ends'];
    expect(events).toEqual([...pair, ...pair, ...pair]);
  });

  it('gives warm-up and counted pairs in order, and tells each when it is done', async () => {
    let turn = 0;
    const next = (): Promise<Turn> => Promise.resolve({ seconds: ++turn });
    const told: [Pair<Turn>, number][] = [];
    const onPair = (pair: Pair<Turn>, index: number): void => void told.push([pair, index]);
    const found = await alternate({ ours: next, peer: next, pairs: 2, warmup: 1, onPair });
    expect(found.map(({ ours, peer }) => [ours.seconds, peer.seconds])).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(told).toEqual(found.map((pair, index) => [pair, index]));
  });

  it('ends with the first fault of a side', async () => {
    let peers = 0;
    const ours = (): Promise<Turn> => Promise.reject(new Error('out of memory'));
    const peer = (): Promise<Turn> => Promise.resolve({ seconds: ++peers });
    await expect(alternate({ ours, peer, pairs: 2, warmup: 0 })).rejects.toThrow('out of memory');
    expect(peers).toBe(0);
  });
});

it('a ratio is our time over the peer’s', () => {
  expect(ratioOf({ ours: { seconds: 1.5 }, peer: { seconds: 2 } })).toBe(0.75);
});
