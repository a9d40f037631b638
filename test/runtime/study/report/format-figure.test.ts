import { expect, it } from 'vitest';
import {
  formatDifference,
  formatMetric,
  formatShort,
  formatTick,
} from '../../../../runtime/study/report/format-figure.js';

it('writes counts short, and ticks without the zeros that end a fraction but no other', () => {
  expect([950, 166_938, 200_000, 2_219_074, 37_688_741_824].map(formatShort)).toEqual([
    '950',
    '167 k',
    '200 k',
    '2.22 M',
    '37.7 G',
  ]);
  expect([200, 200_000, 2_000_000, 2_500_000, 20_000_000, 1_050_000].map(formatTick)).toEqual([
    '200',
    '200 k',
    '2 M',
    '2.5 M',
    '20 M',
    '1.05 M',
  ]);
});

it('writes distances below a millimetre with two digits, and rounding errors as zero', () => {
  const distances = [0, 0.00456, 0.0996, 0.999, 8.04, 128.94, 1e-15];
  const texts = ['0.0', '0.0046', '0.10', '1.0', '8.0', '128.9', '0.0'];
  expect(distances.map((distance) => formatMetric('hd95', distance))).toEqual(texts);
  expect([0.00456, -0.00456, -1e-15].map((change) => formatDifference('hd95', change))).toEqual([
    '+0.0046',
    '−0.0046',
    '0.0',
  ]);
  expect(formatMetric('dice', 0.00456)).toBe('0.005');
  expect(formatMetric('hd95', null)).toBe('–');
});
