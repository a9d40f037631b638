import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../contract/protocol.js';
import { learningRate } from '../../../runtime/training/schedule.js';
import { tinyProtocol } from './tiny-network.js';

function rates(schedule: Protocol['schedule'], steps: number[], total: number): number[] {
  const protocol = { ...tinyProtocol(), schedule };
  return steps.map((step) => learningRate(protocol, step, total));
}

describe('learningRate', () => {
  it('stays', () => expect(rates({ kind: 'constant' }, [0, 5, 9], 10)).toEqual([0.01, 0.01, 0.01]));

  it('follows half a cosine', () => {
    const [first, middle, end] = rates({ kind: 'cosine', to: 0.002 }, [0, 5, 10], 10);
    expect(first).toBeCloseTo(0.01, 12);
    expect(middle).toBeCloseTo(0.006, 12);
    expect(end).toBeCloseTo(0.002, 12);
  });

  it('follows a power', () => {
    const [first, middle, end] = rates({ kind: 'poly', power: 0.9 }, [0, 50, 100], 100);
    expect(first).toBeCloseTo(0.01, 12);
    expect(middle).toBeCloseTo(0.01 * 0.5 ** 0.9, 12);
    expect(end).toBe(0);
  });
});
