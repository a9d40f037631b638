import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processorSeconds, progressFile, readProgress, removeProgress, writeProgress } from './progress.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const progress = (seed: number) => ({ seed, slowest: { seed: 7, seconds: 0.25 }, megabytes: 80 });

test('progress is found whole, also by one who opened the file before it was written again', () => {
  const file = progressFile(folder, 1);
  expect(readProgress(file)).toBeUndefined();
  writeProgress(file, progress(10_000));
  const opened = openSync(file, 'r');
  writeProgress(file, progress(9));
  expect(JSON.parse(readFileSync(opened, 'utf8'))).toEqual(progress(10_000));
  closeSync(opened);
  expect(readProgress(file)).toEqual(progress(9));
  removeProgress(file);
  expect(readdirSync(folder)).toEqual([]);
});

test.runIf(process.platform === 'linux')('processor time is what the process itself is told', () => {
  const own = (): number => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
  const before = own();
  while (own() < before + 0.05);
  const told = processorSeconds(process.pid) ?? 0;
  // Both are rounded down to hundredths.
  expect(told).toBeGreaterThan(before);
  expect(told).toBeLessThanOrEqual(own() + 0.02);
});

test('of a process that has ended there is none', () => {
  expect(processorSeconds(2 ** 30)).toBeUndefined();
});
