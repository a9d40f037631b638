import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../contract/protocol.js';
import { learningRate } from '../../../runtime/training/schedule.js';
import { tinyProtocol } from './tiny-network.js';

type Settings = Partial<Pick<Protocol, 'schedule' | 'warmup'>>;

function rates(settings: Settings, steps: readonly number[], total: number, stepsPerEpoch = 1): number[] {
  const protocol = { ...tinyProtocol(), warmup: null, ...settings };
  return steps.map((step) => learningRate(protocol, step, total, stepsPerEpoch));
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((each, index) => expect(each).toBeCloseTo(expected[index]!, 12));
}

describe('learningRate', () => {
  it('stays', () => expect(rates({ schedule: { kind: 'constant' } }, [0, 5, 9], 10)).toEqual([0.01, 0.01, 0.01]));

  it('follows half a cosine', () => {
    expectClose(rates({ schedule: { kind: 'cosine', to: 0.002 } }, [0, 5, 10], 10), [0.01, 0.006, 0.002]);
  });

  it('follows a power', () => {
    expectClose(rates({ schedule: { kind: 'poly', power: 0.9 } }, [0, 50, 100], 100), [0.01, 0.01 * 0.5 ** 0.9, 0]);
  });

  it('falls by a factor after a number of epochs, or after given ones', () => {
    const step = { kind: 'step', every: 2, by: 0.1 } as const;
    expectClose(rates({ schedule: step }, [0, 5, 6, 11, 12], 20, 3), [0.01, 0.01, 0.001, 0.001, 0.0001]);
    const at = { kind: 'multistep', at: [1, 3], by: 0.5 } as const;
    expectClose(rates({ schedule: at }, [0, 2, 3, 8, 9], 20, 3), [0.01, 0.01, 0.005, 0.005, 0.0025]);
  });

  it('restarts in longer and longer cycles', () => {
    const schedule = { kind: 'restarts', first: 1, factor: 2, to: 0 } as const;
    expectClose(rates({ schedule }, [0, 2, 4, 8, 12], 100, 4), [0.01, 0.005, 0.01, 0.005, 0.01]);
  });

  it('rises before the schedule, which covers the remaining steps', () => {
    const warmup = { kind: 'linear', steps: 4, from: 0.2 } as const;
    const found = rates({ schedule: { kind: 'cosine', to: 0 }, warmup }, [0, 2, 4, 7, 10], 10);
    expectClose(found, [0.002, 0.006, 0.01, 0.005, 0]);
  });
});

const recorded = path.resolve(import.meta.dirname, '../../../../shared/measures/optimisers.json');

describe.skipIf(!existsSync(recorded))('the recorded rates of nnU-Net and PyTorch', () => {
  const curves: readonly (readonly [string, Settings])[] = [
    ['poly_.9_nnunet', { schedule: { kind: 'poly', power: 0.9 } }],
    ['cosine', { schedule: { kind: 'cosine', to: 0 } }],
    ['linear_warmup', { schedule: { kind: 'constant' }, warmup: { kind: 'linear', steps: 10, from: 0.1 } }],
    [
      'warmup_then_cosine_torch',
      { schedule: { kind: 'cosine', to: 0 }, warmup: { kind: 'linear', steps: 10, from: 0.1 } },
    ],
    ['sgdr_10_2', { schedule: { kind: 'restarts', first: 10, factor: 2, to: 0 } }],
  ];

  it.each(curves)('%s', (name, settings) => {
    const { rates: all } = JSON.parse(readFileSync(recorded, 'utf8')) as { rates: { name: string; rates: number[] }[] };
    const expected = all.find((each) => each.name === name)!.rates;
    expectClose(rates(settings, [...expected.keys()], expected.length), expected);
  });
});
