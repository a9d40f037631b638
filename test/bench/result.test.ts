import { describe, expect, it } from 'vitest';
import { assertSame } from '../../bench/harness/compare.js';
import { benchmarkResult, caseLine, caseResult, jsonLine } from '../../bench/harness/result.js';
import { spread } from '../../bench/harness/spread.js';

describe('spread', () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[10, 9, 2], { median: 9, min: 2, max: 10 }],
    [[4, 1, 2, 100], { median: 3, min: 1, max: 100 }],
  ])('of %j', (values, expected) => {
    expect(spread(values)).toEqual(expected);
  });

  it.each([[[]], [[1, NaN]], [[Infinity]]])('refuses %j', (values: number[]) => {
    expect(() => spread(values)).toThrow(RangeError);
  });
});

/** Pairs of seconds, ours and the peer's. */
const pairs = (...all: [number, number][]) =>
  all.map(([ours, peer]) => ({ ours: { seconds: ours }, peer: { seconds: peer } }));

describe('a case', () => {
  it('has the spread of the pairs’ ratios, not the ratio of the spreads', () => {
    const result = caseResult(pairs([1, 4], [2, 2], [3, 4]), { ours: 300, peer: 200 }, 1e-6);
    expect(result.ratio).toEqual({ median: 0.75, min: 0.25, max: 1 });
    expect(result.seconds).toEqual({ ours: { median: 2, min: 1, max: 3 }, peer: { median: 4, min: 2, max: 4 } });
    expect(result.peakRss).toEqual({ ours: 300, peer: 200, ratio: 1.5 });
  });

  it('has no ratio of memory where the system does not tell one', () => {
    expect(caseResult(pairs([1, 1]), { ours: null, peer: 5 }, 0).peakRss.ratio).toBeNull();
  });

  it('is one line for people', () => {
    const result = caseResult(pairs([1, 2]), { ours: 2 ** 30, peer: null }, 3e-6);
    expect(caseLine('unet3d', result)).toBe(
      'unet3d  ratio 0.500 (0.500 to 0.500); ours 1.00 s, 1024 MB; peer 2.00 s, unknown; difference 3e-6',
    );
  });
});

describe('the last line', () => {
  const named = { benchmark: 'step', peer: 'PyTorch 1', setting: { size: 64 } };
  const slow = caseResult(pairs([2, 1]), { ours: 1, peer: 1 }, 0);
  const fast = caseResult(pairs([1, 3]), { ours: 1, peer: 1 }, 0);

  it('is one JSON object with the ratio of the main case above all cases', () => {
    const line = jsonLine(
      benchmarkResult(
        named,
        new Map([
          ['unet3d', slow],
          ['dalight3d', fast],
        ]),
        'dalight3d',
      ),
    );
    expect(line).not.toContain('\n');
    const read = JSON.parse(line) as Record<string, unknown>;
    expect(read).toMatchObject({
      benchmark: 'step',
      peer: 'PyTorch 1',
      ratio: { median: 0.33333, min: 0.33333, max: 0.33333 },
      cases: { unet3d: { ratio: { median: 2 } }, dalight3d: { ratio: { median: 0.33333 } } },
    });
  });

  it('takes the first case where the main one was not run, and refuses none', () => {
    expect(benchmarkResult(named, new Map([['unet3d', slow]]), 'dalight3d').ratio.median).toBe(2);
    expect(() => benchmarkResult(named, new Map(), 'dalight3d')).toThrow('no case');
  });

  it('tells why a benchmark was skipped', () => {
    const skipped = { benchmark: 'step', peer: 'PyTorch', skipped: 'no "torch"' };
    expect(JSON.parse(jsonLine(skipped))).toEqual(skipped);
  });
});

describe('assertSame', () => {
  it('gives the largest distance, relative to the peer’s largest value', () => {
    expect(assertSame('x', [1, -4.02], [1, -4], 0.1)).toBeCloseTo(0.005, 10);
    expect(assertSame('x', [0, 0], [0, 0], 0)).toBe(0);
  });

  it.each([
    ['too far', [1.2], [1]],
    ['not a number', [1, NaN, 1], [1, 1, 1]],
    ['of another length', [1], [1, 1]],
  ])('refuses lists that are %s', (_, ours, theirs) => {
    expect(() => assertSame('losses', ours, theirs, 0.1)).toThrow('losses');
  });
});
