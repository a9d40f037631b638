import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import pc from 'picocolors';
import { alignedLines, columnsOf, factsText, tableText } from '../../text/table.js';
import { countUnit, memoryUnit } from '../../text/units.js';
import { breakable, columnsIn, fixedSpace, wrapLines } from '../../text/wrap.js';

const red = pc.createColors(true).red;

describe('a table', () => {
  const columns = [...columnsOf(['name', 'what it changes', 'parameters'], 2), { head: 'share', optional: true }];
  const rows = [
    ['base', 'nothing', '1,234,567', '100'],
    ['  narrow', 'width from 24 to 16', '9', '1'],
  ];

  it('is as wide as its cells if there is room', () => {
    expect(tableText(columns, rows)).toBe(
      [
        'name      what it changes      parameters  share',
        '────────  ───────────────────  ──────────  ─────',
        'base      nothing               1,234,567  100',
        '  narrow  width from 24 to 16           9  1',
      ].join('\n'),
    );
  });

  it('breaks heads, then leaves out optional columns, then breaks cells, and keeps indents', () => {
    expect(tableText(columns, rows, 34)).toBe(
      [
        'name      what it       parameters',
        '          changes',
        '────────  ────────────  ──────────',
        'base      nothing        1,234,567',
        '  narrow  width from             9',
        '            24 to 16',
      ].join('\n'),
    );
  });

  it('keeps the lines of cells, with rules between their rows if asked', () => {
    const cells = [
      ['base\n  see a', '0.9\n[0.8, 1]'],
      ['other', '0.7'],
    ];
    expect(tableText(columnsOf(['name', 'Dice\n95 %'], 1), cells, 80, { ruled: true })).toBe(
      [
        'name         Dice',
        '             95 %',
        '───────  ────────',
        'base          0.9',
        '  see a  [0.8, 1]',
        '───────  ────────',
        'other         0.7',
      ].join('\n'),
    );
  });

  it('breaks paths where they may be, and never at fixed spaces', () => {
    const path = `encoder.${breakable}level0.${breakable}conv`;
    const text = tableText(columnsOf(['id', 'size'], 2), [[path, `24${fixedSpace}×${fixedSpace}64`]], 18);
    expect(text.split('\n').slice(2)).toEqual(['encoder.   24 × 64', '  level0.', '  conv']);
  });

  it('fits any width that its words fit, with all of them, whatever is in it', () => {
    const cell = fc.array(fc.constantFrom('a', 'bcd', 'efghij', '网络', red('klm')), { maxLength: 5 });
    const row = fc.tuple(cell, cell, cell).map((cells) => cells.map((words) => words.join(' ')));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 34, max: 90 }), (cells, width) => {
        const text = tableText(columnsOf(['one two', 'three', 'four'], 2), cells, width);
        for (const line of text.split('\n')) expect(columnsIn(line)).toBeLessThanOrEqual(width);
        const wordsIn = (each: string): string[] => each.split(/[ \n]+/).filter((word) => /^[^─]/.test(word));
        const given = ['one two', 'three', 'four', ...cells.flat()].flatMap(wordsIn);
        expect(wordsIn(text).sort()).toEqual(given.sort());
      }),
      { numRuns: 200 },
    );
  });
});

it('a long fact continues under its beginning', () => {
  expect(
    factsText(
      [
        ['name', 'one two three four five six seven'],
        ['n', 'x'],
      ],
      30,
    ),
  ).toBe(['name  one two three four five', '      six seven', 'n     x'].join('\n'));
});

it('lines are broken between words, indented further, and a long word is kept whole', () => {
  const text = `  help: ${'word '.repeat(12)}/a/${'long'.repeat(12)}/path`;
  expect(wrapLines(text, 40)).toBe(
    [
      '  help: word word word word word word',
      '    word word word word word word',
      `    /a/${'long'.repeat(12)}/path`,
    ].join('\n'),
  );
  expect(wrapLines(text, undefined)).toBe(text);
});

it('a percent sign stays on the line of its number', () => {
  expect(wrapLines(`${'word '.repeat(7)}in 50 % of all`, 40)).toBe(`${'word '.repeat(7)}in\n  50 % of all`);
});

it('a column has one unit, and nothing that is not 0 is shown as 0', () => {
  const { name, format } = memoryUnit(3 * 2 ** 30);
  expect([name, format(0), format(1), format(1.5 * 2 ** 20), format(3 * 2 ** 30)]).toEqual([
    'MiB',
    '0',
    '<0.1',
    '1.5',
    '3,072.0',
  ]);
  expect(memoryUnit(20 * 2 ** 30).name).toBe('GiB');
  expect([5e5, 5e6, 5e9, 5e12].map((largest) => countUnit(largest).name)).toEqual(['', 'M', 'G', 'T']);
  expect(countUnit(5e5).format(1234)).toBe('1,234');
});

it('aligns rows without heads by the columns that characters take on a terminal', () => {
  expect(
    alignedLines([
      ['输入', '[2]', 'conv'],
      ['scan.x', '[2, 3]', ''],
    ]),
  ).toEqual(['输入    [2]     conv', 'scan.x  [2, 3]']);
  expect(alignedLines([])).toEqual([]);
});
