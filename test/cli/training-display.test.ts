import { afterEach, expect, it, vi } from 'vitest';
import { trainingDisplay } from '../../cli/training-display.js';
import type { Engine } from '../../runtime/engine/engines.js';
import type { Run } from '../../runtime/run/run-folder.js';
import { tinyProtocol } from '../runtime/training/tiny-network.js';

afterEach(() => vi.restoreAllMocks());

const validate = {
  kind: 'sliding_window',
  overlap: 0.5,
  blend: 'gaussian',
  region: 'all',
  mirror: null,
  every: 1,
} as const;

/** What is said of a run and of a score while it trains. */
function said(watchesTest: boolean): string {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const run = {
    info: { model: 'Tiny', patch: [8, 8, 8], fold: 0, seed: 1 },
    split: { train: ['a', 'b'], validation: ['c'] },
    protocol: tinyProtocol({ validate }),
    watchesTest,
  } as unknown as Run;
  const display = trainingDisplay(run, { description: 'cpu' } as Engine);
  display.show({ kind: 'validating', epoch: 1, step: 2 });
  display.show({ kind: 'validation', epoch: 1, step: 2, score: { dice: {}, mean: 0.5 }, best: false });
  display.stop();
  return lines.join('');
}

it('calls cases by which nothing is chosen neither validation nor best', () => {
  const text = said(true);
  expect(text).toContain('1 for testing (monitored during training, but not used to select anything)');
  expect(text).toContain('scoring the test cases on whole volumes');
  expect(text).toContain('test cases mean Dice 0.5000');
  expect(text).not.toMatch(/validat|best/);
  expect(said(false)).toContain('1 for validation');
});
