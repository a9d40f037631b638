import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Network } from '../../../compiler/ir/ir.js';
import { patchValues } from '../../../compiler/ir/patch.js';
import {
  estimateTime,
  estimateVolume,
  formatSeconds,
  timeFactor,
  workOf,
} from '../../../compiler/study/estimate-time.js';
import { lowerSpec } from '../lowered.js';

interface Measured {
  readonly network: string;
  readonly width: number;
  readonly size: number;
  readonly step: number;
  readonly window: number;
  readonly firstStep: number;
}

/** What `npm run bench -- time` gave: seconds of processor time, one thread. */
const measured = JSON.parse(
  readFileSync(resolve(import.meta.dirname, 'measured-times.json'), 'utf8'),
) as readonly Measured[];

const files: Readonly<Record<string, string>> = {
  dalight3d: 'dalight3d.unet',
  unet3d: 'unet3d.unet',
  attentionunet3d: 'attention-unet3d.unet',
  resunet3d: 'residual-unet3d.unet',
  vnet3d: 'vnet3d.unet',
};

const lowered = new Map<string, Network>();

function networkOf(name: string, width: number): Network {
  const key = `${name} ${width}`;
  const knobs = { width: String(width), ...(name === 'dalight3d' ? { neck: String(18 * width) } : {}) };
  const network = lowered.get(key) ?? lowerSpec(files[name]!, knobs)[0]!;
  lowered.set(key, network);
  return network;
}

function workAt(name: string, width: number, size: number, cases = 1) {
  const network = networkOf(name, width);
  return workOf(network, patchValues(network, [size, size, size]), cases);
}

describe('estimateTime', () => {
  test.each(measured)('fits $network, width $width at $size^3', (each) => {
    const estimate = estimateTime(workAt(each.network, each.width, each.size));
    for (const figure of ['step', 'window', 'firstStep'] as const) {
      const ratio = estimate[figure] / each[figure];
      expect(ratio, figure).toBeGreaterThan(1 / timeFactor);
      expect(ratio, figure).toBeLessThan(timeFactor);
    }
  });

  test('fits the seconds with two threads that docs/performance.md has', () => {
    const ratio = (name: string, seconds: number): number => estimateTime(workAt(name, 24, 64), 2).step / seconds;
    for (const each of [ratio('dalight3d', 2.95), ratio('unet3d', 1.78)]) {
      expect(each).toBeGreaterThan(1 / timeFactor);
      expect(each).toBeLessThan(timeFactor);
    }
  });

  test('grows with the batch, less than as often, and with the windows', () => {
    const one = estimateTime(workAt('unet3d', 8, 32)).step;
    const two = estimateTime(workAt('unet3d', 8, 32, 2)).step;
    expect(two).toBeGreaterThan(1.8 * one);
    expect(two).toBeLessThan(2 * one);
    const work = workAt('unet3d', 8, 32);
    expect(estimateVolume(work, 12, 2)).toBeCloseTo(12 * estimateTime(work, 2).window, 12);
  });

  test('is printed to two digits', () => {
    expect([0.0042, 3.24, 99.4, 99.6, 3600, 5970, 9400, 400_000, 10_000_000].map(formatSeconds)).toEqual([
      '0.0042 s',
      '3.2 s',
      '99 s',
      '1.7 min',
      '60 min',
      '1.7 h',
      '2.6 h',
      '111 h',
      '2,778 h',
    ]);
  });
});
