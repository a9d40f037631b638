import { expect, it } from 'vitest';
import pc from 'picocolors';
import { shown } from '../../cli/terminal.js';

const colours = pc.createColors(true);
const acting =
  '\u001b]0;x\u0007\u001b[2J\u001b[8m\r\u007f\u0085\u009b2J\u00ad\u200b\u2028\u202e\u2066\ufeff\ud800\u{e0041}';

it.each([true, false])('writes everything that acts as its number (coloured: %j)', (coloured) => {
  const text = shown(`a\tb\n${acting}é 🧠`, coloured);
  expect(text).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  expect(text).toMatch(/^a\tb\n\\u\{1b\}\]0;x\\u\{7\}\\u\{1b\}\[2J\\u\{1b\}\[8m\\u\{d\}.*\\u\{d800\}\\u\{e0041\}é 🧠$/);
  expect(shown(text, coloured)).toBe(text);
});

it('keeps our colours, on a terminal that has colours alone', () => {
  const { red, green, yellow, blue, cyan, bold, dim } = colours;
  const text = [red, green, yellow, blue, cyan, bold, dim].map((paint) => paint(`a ${bold('b')}`)).join('\n');
  expect(shown(text, true)).toBe(text);
  expect(shown(text, false)).toBe(Array.from({ length: 7 }, () => 'a b').join('\n'));
});
