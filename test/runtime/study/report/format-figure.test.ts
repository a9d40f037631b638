import { expect, it } from 'vitest';
import { formatShort, formatTick } from '../../../../runtime/study/report/format-figure.js';

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
