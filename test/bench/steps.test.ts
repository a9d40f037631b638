/** The measurement of steps with sides that only pretend. */
import { afterEach, beforeEach, expect, it, vi, type MockInstance } from 'vitest';
import type { SideCommand } from '../../bench/harness/side.js';
import type { NamedSide } from '../../bench/harness/sides.js';
import { measureSteps } from '../../bench/harness/steps.js';

/** A side whose k-th step takes `seconds[k]` and has `losses[k]`; it writes down what it is asked. */
function fakeSide(name: string, log: string[], seconds: readonly number[], losses: readonly number[]): NamedSide {
  let step = 0;
  const answer = (command: SideCommand): object => {
    log.push(`${name} ${command.do}`);
    if (command.do === 'rss') return { bytes: name === 'ours' ? 100 : 200 };
    if (command.do !== 'step') return {};
    step++;
    return { seconds: [seconds[step - 1]], losses: [losses[step - 1]] };
  };
  return {
    name,
    ask: (command, reply) => Promise.resolve(reply.parse(answer(command))),
    close: () => Promise.resolve(),
  };
}

let printed: MockInstance;
beforeEach(() => {
  printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  printed.mockRestore();
});

const counts = { pairs: 2, warmup: 1 };

it('leaves the warm-up out of the times, and alternates', async () => {
  const log: string[] = [];
  const ours = fakeSide('ours', log, [50, 1, 3], [2, 1.5, 1]);
  const peer = fakeSide('peer', log, [60, 2, 4], [2, 1.5, 1.0001]);
  const result = await measureSteps('unet3d', { ours, peer, engine: 'none', engineName: 'none' }, 'batch', counts);
  expect(result.ratio).toEqual({ median: 0.625, min: 0.5, max: 0.75 });
  expect(result.seconds.peer).toEqual({ median: 3, min: 2, max: 4 });
  expect(result.peakRss).toEqual({ ours: 100, peer: 200, ratio: 0.5 });
  expect(result.difference).toBeCloseTo(5e-5, 8);
  const steps = ['ours step', 'peer step'];
  expect(log).toEqual(['ours batch', 'peer batch', ...steps, ...steps, ...steps, 'ours rss', 'peer rss']);
});

it('gives no result where the losses are unlike, in the warm-up too', async () => {
  const ours = fakeSide('ours', [], [1, 1, 1], [2.1, 1, 1]);
  const peer = fakeSide('peer', [], [1, 1, 1], [2, 1, 1]);
  const measured = measureSteps('unet3d', { ours, peer, engine: 'none', engineName: 'none' }, 'batch', counts);
  await expect(measured).rejects.toThrow('not the same computation');
});
